import { describe, expect, it } from 'vitest';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { answerKey } from '../../shared/results/earlier-answers.ts';
import { problemsOf, profileOf, readingOf, SMALLEST } from './profile-texts.ts';

describe('a profile in a file', () => {
  it('needs a question and its fields, no more', () => {
    const { name, version, schema, maxSide, minConfidence, cacheTtlHours, ladder } = profileOf(SMALLEST);
    expect({ name, version, maxSide, minConfidence, cacheTtlHours }).toEqual({
      ...{ name: 'receipt', version: 1, maxSide: 2048, minConfidence: 0, cacheTtlHours: 24 },
    });
    expect(ladder.length).toBe(3);
    expect(schema.parse({ total: 3 })).toEqual({ total: 3 });
  });

  it('may be JSON', () => {
    expect(profileOf('{"prompt":"Read it.","fields":{"total":"number"}}').prompt).toBe('Read it.');
  });

  it('reads like a form: types, choices, lists, objects, bounds, other names', () => {
    const profile = profileOf(`
prompt: Read it.
fields:
  shop: { max: 50, nullable: true, description: as printed, aliases: [Store, Laden], examples: [ACME] }
  day: date
  kind: { enum: [cash, card], required: false }
  rating: { enum: [1, 2, 3] }
  paid: { type: boolean, default: false }
  codes: { listOf: gtin, max: 5, min: 1, unique: true }
  seller: { fields: { email: email, currency: currency } }
`);
    const { responseSchema } = compileZod(profile.schema);
    expect(responseSchema).toMatchObject({
      required: ['shop', 'day', 'rating', 'paid', 'codes', 'seller'],
      properties: {
        shop: { nullable: true, description: 'as printed; also called Store, Laden; e.g. ACME' },
        codes: { type: 'ARRAY', minItems: 1, maxItems: 5 },
        rating: { type: 'STRING', enum: ['1', '2', '3'] },
        seller: { type: 'OBJECT', required: ['email', 'currency'] },
      },
    });
    const answer = { shop: null, day: '2026-11-29', rating: 2, codes: ['4006381333931'] };
    const seller = { email: 'a@b.de', currency: 'EUR' };
    expect(profile.schema.parse({ ...answer, seller })).toEqual({ ...answer, seller, paid: false });
    expect(profile.schema.safeParse({ ...answer, seller, codes: ['4006381333932'] }).success).toBe(false);
  });

  it('may bring a JSON Schema instead', () => {
    const text = `prompt: Read it.
schema:
  type: object
  properties: { parts: { type: array, maxItems: 9, items: { $ref: '#/$defs/part' } } }
  required: [parts]
  $defs: { part: { type: object, properties: { sku: { type: string } }, required: [sku] } }
`;
    expect(profileOf(text).schema.parse({ parts: [{ sku: 'A' }] })).toEqual({ parts: [{ sku: 'A' }] });
  });

  it('names its ladder or lists its steps, and says what follows a broken check', () => {
    const step =
      '{ model: gemini-3.8-flash, mediaResolution: HIGH, thinkingLevel: low, maxOutputTokens: 999 }';
    const checks = 'checks: [{ check: within, field: total, min: 0, max: 9, whenBroken: report }]';
    const profile = profileOf(`${SMALLEST}ladder: [${step}]\n${checks}\n`);
    expect(profile.ladder).toMatchObject([{ models: ['gemini-3.8-flash'], maxOutputTokens: 999 }]);
    expect(profile.checks).toMatchObject([{ name: 'within total 0..9', reportsOnly: true }]);
    expect(profileOf(`${SMALLEST}ladder: small-model\n`).ladder.length).toBe(2);
  });

  it('says by which lane its pictures go, and how long an answer may take', () => {
    expect(profileOf(`${SMALLEST}lane: flex\npatience: 2h\n`)).toMatchObject({
      lane: 'flex',
      patience: '2h',
    });
    expect(problemsOf(`${SMALLEST}lane: flx\n`)).toBe(
      'receipt.yaml:4:1: lane cannot be "flx"; did you mean flex?',
    );
    expect(problemsOf(`${SMALLEST}patience: 30 minutes\n`)).toBe(
      'receipt.yaml:4:1: patience: expected a time of at most a week such as 30s, 15m or 24h',
    );
  });

  it('that changes its lane alone is another version of the same question', () => {
    const lanes = ['', 'lane: flex\n', 'patience: 20m\n'].map((more) => readingOf(SMALLEST + more));
    expect(new Set(lanes.map(({ digest }) => digest)).size).toBe(3);
    const keys = lanes.map(({ profile }, i) =>
      answerKey({ sha256: '0', preparation: 'faithful', quality: 80 }, { ...profile, version: i + 1 }, []),
    );
    expect(new Set(keys).size).toBe(1);
  });

  it('without a version of its own is another question whenever its text means something else', () => {
    const keyOf = (text: string) =>
      answerKey({ sha256: '0', preparation: 'faithful', quality: 80 }, profileOf(text), []);
    expect(keyOf(SMALLEST)).not.toBe(keyOf(SMALLEST.replace('number', 'integer')));
    expect(keyOf(SMALLEST)).toBe(keyOf(`# for people\n${SMALLEST}description: for people\n`));
  });
});

describe('look-alikes', () => {
  it.each([
    [
      'of pictures that are judged',
      'similar: 0.98\nfields: { kind: { enum: [a, b] }, broken: boolean, confidence: number }',
    ],
    [
      'of pictures with texts, where that does no harm',
      'similar: { least: 0.97, alsoText: true }\nfields: { a: text }',
    ],
  ])('%s are taken over', (_, text) => {
    expect(problemsOf(`prompt: x\n${text}\n`)).toBe('');
  });

  it('are no other question: earlier answers stay', () => {
    const keyOf = (text: string) => answerKey({ sha256: '0' }, profileOf(text), []);
    expect(keyOf(`${SMALLEST}similar: { least: 0.98, alsoText: true }\n`)).toBe(keyOf(SMALLEST));
  });
});
