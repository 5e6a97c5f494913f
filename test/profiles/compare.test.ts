import { describe, expect, it } from 'vitest';
import { problemsOf, profileOf, readingOf, SMALLEST } from './profile-texts.ts';

describe('how an evaluation compares', () => {
  const RULES = `prompt: Read it.
fields:
  day: { type: date, compare: exact }
  total: { type: number, compare: { within: 0.01 } }
  lines: { max: 9, compare: order, listOf: { fields: { text: { compare: exact }, price: number } } }
`;

  it('stands at the fields, and is kept by their paths', () => {
    expect(profileOf(RULES).comparators).toEqual({
      day: 'exact',
      total: { within: 0.01 },
      lines: 'order',
      'lines[].text': 'exact',
    });
    expect(profileOf(SMALLEST)).not.toHaveProperty('comparators');
  });

  it('is no other question: earlier answers are reused', () => {
    const key = (text: string) => profileOf(text).digest;
    const without = RULES.replace(', compare: exact', '')
      .replace(', compare: { within: 0.01 }', '')
      .replace('compare: order, ', '')
      .replace('{ compare: exact }', '{}');
    expect(key(without)).toBe(key(RULES));
  });
});

describe('how an evaluation compares what a JSON Schema describes', () => {
  const SCHEMA = `prompt: Read it.
schema:
  type: object
  properties:
    shop: { type: [string, "null"] }
    total: { type: number }
    size: { enum: [1, 2] }
    either: { anyOf: [{ type: string }, { type: number }] }
    items:
      type: array
      maxItems: 9
      items: { type: object, properties: { sku: { type: string } }, required: [sku] }
    tags: { type: array, maxItems: 9, items: { type: string } }
  required: [shop, total]
`;
  const RULES = 'compare: { "items[].sku": exact, total: { within: 0.01 }, items: order, "tags[]": date }\n';

  it('stands beside the schema, by the paths of the fields', () => {
    expect(profileOf(SCHEMA + RULES).comparators).toEqual({
      'items[].sku': 'exact',
      total: { within: 0.01 },
      items: 'order',
      'tags[]': 'date',
    });
  });

  it('is no other question, and yet another version of the file', () => {
    const [plain, ruled] = [SCHEMA, SCHEMA + RULES].map(readingOf);
    expect(ruled?.profile.digest).toBe(plain?.profile.digest);
    expect(ruled?.digest).not.toBe(plain?.digest);
  });

  it.each([
    ['item[].sku: exact', 'compare item[].sku: there is no such field; did you mean items[].sku?'],
    [
      'weight: exact',
      'there is no such field; there are shop, total, size, either, items, items[], items[].sku',
    ],
    ['shop: { within: 1 }', 'compare shop: within is for numbers only'],
    ['either: { within: 1 }', 'compare either: within is for numbers only'],
    ['total: date', 'compare total: date is for texts only'],
    ['size: date', 'compare size: date is for texts only'],
    ['shop: set', 'compare shop: set is for lists only'],
    [
      'tags: exact',
      'a list is compared as set or order; its entries, with [], have a comparison of their own',
    ],
    ['items[]: exact', 'an object is compared field by field; name its fields'],
    ['total: nearly', 'compare.total'],
  ])('refuses %s with its line', (rule, text) => {
    const [path, how] = rule.split(/: (.*)/);
    const problems = problemsOf(`${SCHEMA}compare:\n  "${path}": ${how}\n`);
    expect(problems).toContain(':16:3: ');
    expect(problems).toContain(text);
  });

  it('is said at the fields where there are fields', () => {
    expect(problemsOf(`${SMALLEST}compare: { total: exact }\n`)).toBe(
      'receipt.yaml:4:1: compare goes with schema; each of fields says its own compare',
    );
    expect(profileOf(`${SCHEMA}compare: { size: { within: 1 } }\n`).comparators).toEqual({
      size: { within: 1 },
    });
  });
});
