import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { salvageJson, stripFences } from '../../shared/model/json-text.ts';
import { composePrompt } from '../../shared/model/prompt.ts';
import { defineProfile } from '../../shared/profiles/define.ts';
import { chooseProfile, profileNamed } from '../../shared/profiles/index.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { formInWords } from '../../shared/profiles/schema/form-in-words.ts';
import { problemText } from '../../shared/profiles/schema/shape.ts';
import { STANDARD_LADDER } from '../../shared/profiles/standard-ladder.ts';
import { answerKey } from '../../shared/results/earlier-answers.ts';
import { builtIn } from '../support/built-in.ts';

const inventory = builtIn('inventory');

/** What the profiles of the project asked on 2026-11-29: another question would be another version. */
const ASKED = new URL('asked.json', import.meta.url);

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
    [{ schema: z.object({ parts: z.array(z.string()) }) }, 'parts: a list without an end'],
    [
      { schema: z.object({ a: z.array(z.object({ b: z.array(z.string()) })).max(3) }) },
      'a[].b: a list without an end',
    ],
    [
      { schema: z.object({ a: z.array(z.string()).max(500), b: z.array(z.string()).max(500) }) },
      '1000 items together',
    ],
  ])('with %j is refused when it is loaded', (change, sentence) => {
    expect(() => defineProfile({ ...base, ...change } as typeof base)).toThrow(sentence);
  });

  it.each(['describe', 'inventory', 'moderation'])('%s asks what it asked before', async (name) => {
    const profile = profileNamed(name);
    if (!profile) throw new Error(name);
    const { instructions, text, responseSchema } = composePrompt(profile, []);
    const checks = (profile.checks ?? []).map((check) => check.name);
    const answers = answerKey({ sha256: '0', preparation: 'faithful', quality: 80 }, profile, []);
    expect({ version: profile.version, instructions, text, responseSchema, checks, answers }).toEqual(
      (JSON.parse(await readFile(ASKED, 'utf8')) as Record<string, unknown>)[name],
    );
  });

  it('says its form in one line of the prompt', () => {
    const { shape } = compileZod(
      z.object({ ...inventory.schema.shape, day: z.iso.date(), kind: z.literal([1, 2]) }),
    );
    expect(formInWords(shape)).toBe(
      '{ shelfId: string or null, items: [{ sku: string, quantity: integer 0..100000, condition: "new"|"damaged" }] up to 60, ' +
        'confidence: number 0..1, day: string (date YYYY-MM-DD), kind: "1"|"2" }',
    );
  });

  it.each([
    [z.object({ a: z.array(z.string()).max(700) }), 'may hold 700 items together'],
    [z.object({ a: z.enum(Array.from({ length: 101 }, (_, i) => `value ${i}`)) }), 'a: it has 101 values'],
    [z.object({ ['a'.repeat(41)]: z.string() }), 'its name is long'],
    [z.object({ a: nested(6) }), 'it has 7 levels'],
    [z.object({ a: nested(7) }), 'too deeply for batches'],
    [
      z.object(Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`n${i}`, z.number().min(0).max(9)]))),
      '31 numbers have bounds',
    ],
  ])('near a limit works and is warned of: case %#', (schema, sentence) => {
    const { problems, warnings } = compileZod(schema);
    expect(problems).toEqual([]);
    expect(warnings.map(problemText).join('\n')).toContain(sentence);
  });

  it('beyond a limit is refused', () => {
    const { problems } = compileZod(z.object({ a: nested(20) }));
    expect(problems.map(problemText)).toEqual([expect.stringContaining('Firestore holds at most 18')]);
  });
});

/** Objects inside each other. */
function nested(levels: number): z.ZodType {
  return levels === 0 ? z.string() : z.object({ b: nested(levels - 1) });
}

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
