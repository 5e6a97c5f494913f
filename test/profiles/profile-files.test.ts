import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileSchema } from '../../build/profile-schema.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import {
  BUILT_FILE,
  builtProfiles,
  loadProfileFolder,
  PROFILES_FOLDER,
  problemAt,
  SCHEMA_FILE,
} from '../../shared/profiles/folder.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { answerKey } from '../../shared/results/earlier-answers.ts';

const SMALLEST = 'prompt: Read it.\nfields:\n  total: number\n';

/** The profile of a text that is one. */
function profileOf(text: string) {
  const read = readProfileText('receipt', text);
  if ('problems' in read)
    throw new Error(read.problems.map((one) => problemAt('receipt.yaml', one)).join('\n'));
  return read.profile;
}

/** Everything that is said against a text. */
function problemsOf(text: string): string {
  const read = readProfileText('receipt', text);
  return 'problems' in read ? read.problems.map((one) => problemAt('receipt.yaml', one)).join('\n') : '';
}

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
    const lanes = ['', 'lane: flex\n', 'patience: 20m\n'].map((more) => {
      const read = readProfileText('receipt', SMALLEST + more);
      if ('problems' in read) throw new Error('problems');
      return read;
    });
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
    const [plain, ruled] = [SCHEMA, SCHEMA + RULES].map((text) => {
      const read = readProfileText('receipt', text);
      if ('problems' in read) throw new Error('problems');
      return read;
    });
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

describe('a folder of profiles', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    await mkdir(join(folder, 'references'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives each file its profile, and says everything that is wrong with any of them', async () => {
    await writeFile(join(folder, 'receipt.yaml'), SMALLEST);
    await writeFile(join(folder, 'ticket.json'), '{"prompt":"x","fields":{"gate":"text"}}');
    await writeFile(join(folder, '.receipt.yaml.swp'), 'of an editor');
    expect(loadProfileFolder(folder).map(({ name }) => name)).toEqual(['receipt', 'ticket']);
    await writeFile(join(folder, 'receipt.yml'), SMALLEST);
    await writeFile(join(folder, 'Bad Name.yaml'), SMALLEST);
    expect(() => loadProfileFolder(folder)).toThrow(
      /Bad Name\.yaml.*name must be lower-case[\s\S]*receipt\.yml defines a profile receipt as well/,
    );
    await rm(join(folder, 'receipt.yml'));
    await rm(join(folder, 'Bad Name.yaml'));
  });

  it('is the same profiles when it was built for the functions', async () => {
    const built = join(folder, 'built');
    await mkdir(built);
    await writeFile(join(built, BUILT_FILE), builtProfiles(folder));
    const plain = (path: string) =>
      loadProfileFolder(path).map(({ schema, ...profile }) => ({ ...profile, ...compileZod(schema).shape }));
    expect(plain(built)).toEqual(plain(folder));
  });

  it('comes with examples that work', () => {
    expect(loadProfileFolder(join(PROFILES_FOLDER, 'examples')).map(({ name }) => name)).toEqual([
      ...['moderation-by-decision', 'receipt'],
    ]);
  });

  it('has the schema of its files beside them, as editors read it', async () => {
    const written = await readFile(join(PROFILES_FOLDER, SCHEMA_FILE), 'utf8');
    expect(JSON.parse(written)).toEqual(JSON.parse(profileSchema()));
  });
});
