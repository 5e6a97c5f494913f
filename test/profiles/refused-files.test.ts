import { describe, expect, it } from 'vitest';
import { problemsOf, SMALLEST } from './profile-texts.ts';

describe('a file is refused with its line', () => {
  it.each([
    ['an unknown key', `${SMALLEST}promt: x\n`, '4:1: a profile has no "promt"; did you mean prompt?'],
    [
      'an unknown key of a field',
      'prompt: x\nfields:\n  a: { typ: text }\n',
      '3:8: fields.a has no "typ"; did you mean type?',
    ],
    [
      'an unknown type',
      'prompt: x\nfields:\n  a: nmber\n',
      '3:3: fields.a cannot be "nmber"; did you mean number?',
    ],
    [
      'an unknown type in a row',
      'prompt: x\nfields:\n  a: { type: txt }\n',
      'fields.a.type cannot be "txt"; did you mean text?',
    ],
    ['an unknown check', `${SMALLEST}checks: [{ check: withn, field: total }]\n`, 'did you mean within?'],
    [
      'a check of no field',
      `${SMALLEST}checks: [{ check: distinct, field: totl }]\n`,
      'looks at totl, which is no field; did you mean total?',
    ],
    [
      'an unknown ladder',
      `${SMALLEST}ladder: standart\n`,
      '4:1: ladder cannot be "standart"; did you mean standard?',
    ],
    [
      'a step without a model',
      `${SMALLEST}ladder: [{ mediaResolution: LOW, thinkingLevel: low, maxOutputTokens: 9 }]\n`,
      'ladder.0 needs a model',
    ],
    [
      'a comparison that the field cannot have',
      'prompt: x\nfields:\n  a: { compare: { within: 1 } }\n',
      'compare: within is for numbers only',
    ],
    [
      'a text compared as a set',
      'prompt: x\nfields:\n  a: { compare: set }\n',
      'compare: set is for lists only',
    ],
    ['no question', 'fields:\n  a: text\n', 'prompt is missing'],
    ['no fields', 'prompt: x\n', 'fields is missing: what an answer holds'],
    [
      'fields and a schema',
      `${SMALLEST}schema: { type: object }\n`,
      'fields and schema say different things',
    ],
    [
      'another name than the file has',
      `${SMALLEST}name: bill\n`,
      '4:1: the profile is called receipt after its file',
    ],
    [
      'a list without an end',
      'prompt: x\nfields:\n  a: { listOf: text }\n',
      '3:3: fields.a: a list needs max',
    ],
    [
      'two kinds at once',
      'prompt: x\nfields:\n  a: { type: number, listOf: text, max: 3 }\n',
      'type and listOf say different things',
    ],
    [
      'bounds of a choice',
      'prompt: x\nfields:\n  a: { enum: [x], max: 3 }\n',
      'min and max are for texts, numbers and lists',
    ],
    [
      'a list in a list',
      'prompt: x\nfields:\n  a:\n    max: 3\n    listOf: { listOf: text, max: 3 }\n',
      '3:3: a: a list in a list cannot be stored in Firestore',
    ],
    [
      'a name that Firestore reserves',
      'prompt: x\nfields:\n  __a__: text\n',
      '3:3: __a__: names like __this__ are reserved',
    ],
    [
      'a default that does not fit',
      'prompt: x\nfields:\n  a: { type: number, default: x }\n',
      'its default does not fit it',
    ],
    ['a picture that is wider than any', `${SMALLEST}maxSide: 9999\n`, 'maxSide must be 64 to 3072 pixels'],
    ['a webhook without TLS', `${SMALLEST}webhook: http://example.com\n`, 'webhook'],
    [
      'a reference outside of the folder',
      `${SMALLEST}references: [{ file: ../a.png, caption: x }]\n`,
      'must be a .jpg or .png below profiles/references',
    ],
    ['look-alikes that need not look alike', `${SMALLEST}similar: 0.5\n`, 'similar'],
    [
      'look-alikes whose texts may differ',
      'prompt: x\nsimilar: 0.98\nfields: { label: text }\n',
      'also of two labels with different numbers, and label may be read from the picture; write similar: { least: 0.98, alsoText: true }',
    ],
    [
      'look-alikes whose numbers may differ',
      'prompt: x\nsimilar: 0.98\nfields: { kWh: integer }\n',
      'kWh may be read from the picture',
    ],
    [
      'look-alikes of answers that are not kept',
      `${SMALLEST}similar: { least: 0.98, alsoText: true }\ncacheTtlHours: 0\n`,
      'similar takes over earlier answers, but cacheTtlHours: 0 keeps none',
    ],
    ['a key that comes twice', `${SMALLEST}prompt: again\n`, '4:1: Map keys must be unique'],
    [
      'no, which is false elsewhere',
      'prompt: x\nfields:\n  a: { enum: [yes, no] }\n',
      '3:20: no is true or false for many readers of YAML; write "no" in quotes',
    ],
    [
      'a date, which is none in JSON',
      'prompt: x\nfields:\n  a: { type: date, examples: [2026-11-29] }\n',
      '2026-11-29 is a date for many readers',
    ],
    [
      'a number that is octal elsewhere',
      `${SMALLEST}cacheTtlHours: 012\n`,
      '012 is an octal number for many readers',
    ],
    ['two documents', `${SMALLEST}---\nprompt: x\n`, 'a file holds one profile'],
    ['a tag', `${SMALLEST}guide: !!js/function x\n`, 'Unresolved tag'],
    ['a merge', 'prompt: x\nfields:\n  a: &a { type: text }\n  b: { <<: *a }\n', 'fields.b has no "<<"'],
    ['aliases that multiply', bomb(), 'more than 100 aliases'],
    ['a broken text', 'prompt: [x\n', 'receipt.yaml:2:1'],
    ['an empty file', '', 'the file is empty'],
    ['a list', '- a\n', 'the file must be a group of keys and values'],
    ['a very large file', `prompt: ${'x'.repeat(300_000)}\n`, 'more than 300000 characters'],
  ])('for %s', (_what, text, sentence) => {
    expect(problemsOf(text)).toContain(sentence);
  });
});

/** Ten lists of ten of the list before: a billion words. */
function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, i) => `  l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`,
  );
  return `prompt: x\nschema:\n  l0: &l0 [a, a]\n${levels.join('\n')}\n`;
}
