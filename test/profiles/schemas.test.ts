import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type CompiledRow, jsonRows, matrixDocument, zodRows } from '../../build/schema-matrix/matrix.ts';
import { ZOD_ROWS } from '../../build/schema-matrix/zod-rows.ts';
import { MATRIX_FILE } from '../../build/schema-matrix.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { KEYWORDS } from '../../shared/profiles/schema/keywords.ts';
import { askAbout } from '../local/gemini-client.ts';
import { plainPicture } from '../local/label-pictures.ts';

let model: GeminiSimulator;
let firestore: FirestoreServer;
let documents: Documents;
let red: Buffer;
beforeAll(async () => {
  [model, firestore, red] = await Promise.all([
    startGeminiSimulator(),
    startFirestoreServer({ port: 0 }),
    plainPicture('red'),
  ]);
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host);
  documents = new Documents({ projectId: 'local' });
});
afterAll(async () => {
  await documents.close();
  await Promise.all([model.close(), firestore.close()]);
  vi.unstubAllEnvs();
});

/** Asks in both ways, reads what a model may write, and stores and loads it. */
async function carry({ text, compiled, written, stored, byPrompt }: CompiledRow): Promise<void> {
  const { responseSchema, responseJsonSchema } = compiled;
  for (const config of [{ responseSchema }, { responseJsonSchema }]) {
    const answer = await askAbout(model, red, config);
    // The simulator fills what the API holds; the rules that are said in the prompt are beyond it.
    if (!byPrompt) expect(compiled.read(answer), text).toMatchObject({ success: true });
  }
  const read = compiled.read({ a: written });
  const expected = { a: stored === undefined ? written : stored };
  expect(read).toMatchObject({ success: true, data: expected });
  expect(compiled.fields).toMatchObject([{ name: 'a', type: expect.any(String) }]);
  const path = `answers/${createHash('sha256').update(text).digest('hex')}`;
  await documents.create(path, { answer: read.success ? read.data : {} });
  expect((await documents.get(path))?.data['answer']).toEqual(expected);
}

const isCarried = ({ written }: CompiledRow): boolean => written !== undefined;

describe.each([
  ['zod', zodRows()],
  ['JSON Schema', jsonRows()],
])('of %s,', (_language, rows) => {
  it.each(rows.filter(isCarried))('$text is asked for in both ways, read, tabled and stored', async (row) => {
    expect(row.compiled.problems).toEqual([]);
    await carry(row);
  });

  it.each(rows.filter((row) => !isCarried(row)))('$text is refused with a way out', ({ compiled }) => {
    const [problem] = compiled.problems;
    expect(problem?.reason).toBeTruthy();
    expect(problem?.instead).toBeTruthy();
    expect(problem?.path === '' || problem?.path.startsWith('a')).toBe(true);
  });
});

/** What zod exports beside types of values. */
const NOT_TYPES =
  /^(?:check|clone|compile|config|core|decode|encode|describe|meta|from|toJSONSchema|toZod|flatten|format|get|global|iso$|locales|memoizer|parse|prettify|input$|output$|regex|registry|safe|set[A-Z]|treeify|util$|validate|with|deepPartial|property|properties|mime|size|slugify|lt|gt|max|min|multipleOf|negative|nonnegative|nonpositive|positive|overwrite|trim|toLowerCase|toUpperCase|normalize|length|includes|startsWith|endsWith|lowercase|uppercase|refine|superRefine|coerce$)/;

describe('the matrix of constructs', () => {
  it('has every type of zod', () => {
    const named = new Set(
      ZOD_ROWS.flatMap(({ text }) => [...text.matchAll(/\bz\.(\w+)/g)].map(([, name]) => name)),
    );
    const types = Object.keys(z).filter((name) => /^[a-z]/.test(name) && !NOT_TYPES.test(name));
    expect(types.length).toBeGreaterThan(80);
    expect(types.filter((name) => !named.has(name))).toEqual([]);
  });

  it('has every keyword of JSON Schema', () => {
    const text = JSON.stringify(jsonRows().map(({ schema }) => schema));
    // What only a whole document has, and names of earlier drafts.
    const elsewhere = [
      '$schema',
      '$id',
      'id',
      '$defs',
      'definitions',
      'dependencies',
      'additionalItems',
      'contentSchema',
    ];
    const missing = Object.keys(KEYWORDS).filter((keyword) => !text.includes(`"${keyword}"`));
    expect(missing.filter((keyword) => !elsewhere.includes(keyword))).toEqual([]);
  });

  it('is what the documentation shows', async () => {
    expect(await readFile(MATRIX_FILE, 'utf8')).toBe(matrixDocument());
  });
});
