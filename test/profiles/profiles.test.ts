import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { salvageJson, stripFences } from '../../shared/model/json-text.ts';
import { describeSchema, toResponseSchema } from '../../shared/model/prompt.ts';
import { defineProfile } from '../../shared/profiles/define.ts';
import { chooseProfile, profileNamed, profileNames } from '../../shared/profiles/index.ts';
import { inventory } from '../../shared/profiles/inventory.ts';
import { STANDARD_LADDER } from '../../shared/profiles/standard-ladder.ts';

const base = {
  name: 'parts',
  version: 1,
  prompt: 'List the parts.',
  schema: z.object({ parts: z.array(z.string()).max(5) }),
  maxSide: 1024,
  ladder: STANDARD_LADDER,
  minConfidence: 0.5,
  cacheTtlHours: 1,
};

describe('a profile', () => {
  it.each([
    ['inventory/aisle-3/a.jpg', {}, 'inventory'],
    ['a.jpg', { profile: 'moderation' }, 'moderation'],
    ['inventory/a.jpg', { profile: 'moderation' }, 'inventory'],
    ['holidays/a.jpg', {}, 'describe'],
    ['inventory', {}, 'describe'],
    ['/inventory/a.jpg', {}, 'describe'],
  ])('of %s with metadata %j is %s', (name, metadata, expected) => {
    expect(chooseProfile(name, metadata).name).toBe(expected);
  });

  it.each([
    [{ name: 'Parts List' }, 'name must be'],
    [{ version: 0 }, 'version must be'],
    [{ maxSide: 4000 }, 'maxSide must be'],
    [{ minConfidence: 2 }, 'minConfidence must be'],
    [{ preparation: 'quick' }, 'preparation must be faithful or fast'],
    [{ maxBytes: 5_000 }, 'maxBytes must be at least 20000'],
    [{ schema: z.object({ parts: z.array(z.string()) }) }, 'the list parts needs .max(n)'],
    [
      { schema: z.object({ a: z.array(z.object({ b: z.array(z.string()) })).max(3) }) },
      'the list a[].b needs .max(n)',
    ],
    [
      { schema: z.object({ a: z.array(z.string()).max(500), b: z.array(z.string()).max(500) }) },
      '1000 items together',
    ],
  ])('with %j is refused when it is loaded', (change, sentence) => {
    expect(() => defineProfile({ ...base, ...change } as typeof base)).toThrow(sentence);
  });

  it('of each built-in name has a schema that the API takes', () => {
    expect(profileNames()).toEqual(['describe', 'inventory', 'moderation']);
    for (const name of profileNames()) {
      const schema = toResponseSchema(profileNamed(name)?.schema ?? z.object({}));
      expect(JSON.stringify(schema)).not.toMatch(/additionalProperties|maxLength|\$schema|anyOf/);
      expect(schema.propertyOrdering?.at(-1)).toBe('confidence');
    }
  });

  it('is repeated in the prompt in one line', () => {
    expect(describeSchema(toResponseSchema(inventory.schema))).toBe(
      '{ shelfId: string or null, items: [{ sku: string, quantity: integer 0..100000, condition: "new"|"damaged" }] up to 60, confidence: number 0..1 }',
    );
  });
});

describe('an answer text', () => {
  it.each([
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ['  {"a":1} ', '{"a":1}'],
    ['```\n[1]\n```', '[1]'],
  ])('%j loses its fence', (text, json) => expect(stripFences(text)).toBe(json));

  it.each([
    ['{"a":1,"b":[{"c":2},{"c":', { a: 1, b: [{ c: 2 }] }],
    ['{"a":"x, y","b":"cut of', { a: 'x, y' }],
    ['{"a":"quote \\" and , comma","b":[1,2,', { a: 'quote " and , comma', b: [1, 2] }],
    ['```json\n{"a":[1,2],"b', { a: [1, 2] }],
    ['{"a', undefined],
    ['', undefined],
  ])('%j cut off keeps what is whole', (text, kept) => expect(salvageJson(text)).toEqual(kept));
});
