import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guessFields } from '../../cli/profiles/guess-fields.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { readProfileText } from '../../shared/profiles/file/read-profile.ts';
import { hasTerminal, runCommand } from './command-line.ts';

let work: string;
let folder: string;
let model: GeminiSimulator;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'new-profile-'));
  folder = join(work, 'profiles');
  await mkdir(folder);
  model = await startGeminiSimulator();
});
afterAll(async () => {
  await model.close();
  await rm(work, { recursive: true });
});

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(['profiles', 'new', ...args], { cwd: work, env: { PROFILES_FOLDER: folder, ...env } });

async function fieldsOf(name: string): Promise<unknown> {
  const read = readProfileText(name, await readFile(join(folder, `${name}.yaml`), 'utf8'));
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.content.fields;
}

const CONFIDENCE = { type: 'number', min: 0, max: 1, description: 'how sure you are of the answer' };

/** A receipt in print that is easy to read. */
const receipt = (): Promise<Buffer> => {
  const lines = ['CORNER SHOP', 'Date: 2026-11-29', 'Invoice no: 4711', 'Total: 12.50'];
  const text = lines
    .map((line, i) => `<text x="40" y="${90 + i * 90}" font-size="52">${line}</text>`)
    .join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="480"><rect width="900" height="480" fill="white"/><g font-family="DejaVu Sans, sans-serif" fill="black">${text}</g></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 95 }).toBuffer();
};

describe('pipeline profiles new', () => {
  it('writes what it is told, a list and a value that may be null among it', async () => {
    const { code, stdout } = await run(['a', 'shop', 'total:number?', 'tags:text[]', '--ask', 'Read it.']);
    expect(code).toBe(0);
    expect(stdout).toContain('profiles/a.yaml is written');
    expect(await fieldsOf('a')).toEqual({
      shop: 'text',
      total: { type: 'number', nullable: true },
      tags: { listOf: 'text', max: 50 },
      confidence: CONFIDENCE,
    });
    expect((await run(['a', '--ask', 'Again.'])).stderr).toContain('There is a profile a already (a.yaml).');
  });

  it('says what is missing where nobody can be asked', async () => {
    expect((await run([])).stderr).toContain('The profile has no name.');
    expect((await run(['b'])).stderr).toContain('Nothing is asked of a picture.');
  });

  it('proposes fields by what can be read in a picture, offline', async () => {
    await writeFile(join(work, 'receipt.jpg'), await receipt());
    const { code, stderr } = await run(['c', '--ask', 'Read the receipt.', '--from', 'receipt.jpg']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await fieldsOf('c')).toEqual({
      date: { type: 'date', nullable: true, aliases: ['Date'] },
      invoiceNo: { type: 'integer', nullable: true, aliases: ['Invoice no'] },
      total: { type: 'number', nullable: true, aliases: ['Total'] },
      confidence: CONFIDENCE,
    });
  });

  it('lets Gemini propose them where there is a key', async () => {
    const field = { type: 'number', description: 'what was paid', isList: false, mayBeMissing: true };
    const fields = [
      { ...field, name: 'total' },
      { ...field, name: 'items', type: 'text', description: '', isList: true },
      { ...field, name: 'confidence' },
    ];
    model.behave({ script: [{ json: { fields } }] });
    await writeFile(join(work, 'receipt.jpg'), await receipt());
    const env = { GEMINI_API_KEY: 'key', GEMINI_BASE_URL: model.url };
    const { code } = await run(['d', '--ask', 'What was paid?', '--from', 'receipt.jpg'], env);
    expect(code).toBe(0);
    expect(await fieldsOf('d')).toEqual({
      total: { type: 'number', nullable: true, description: 'what was paid' },
      items: { listOf: 'text', max: 50 },
      confidence: CONFIDENCE,
    });
  });

  it.runIf(hasTerminal)('asks for what was left out at a terminal, a bad field once more', async () => {
    const said = await typed(['e', 'Read it.', 'total:numbr', 'total:number', 'day:date?', '']);
    expect(said).toContain('Did you mean number?');
    expect(await fieldsOf('e')).toEqual({
      total: 'number',
      day: { type: 'date', nullable: true },
      confidence: CONFIDENCE,
    });
  });
});

/** Runs `profiles new` on a terminal and answers each of its questions with the next line. */
function typed(lines: readonly string[]): Promise<string> {
  const cli = fileURLToPath(new URL('../../bin/pipeline.mjs', import.meta.url));
  const child = spawn('script', ['-qefc', `'${process.execPath}' '${cli}' profiles new`, '/dev/null'], {
    cwd: work,
    env: { PATH: process.env['PATH'] ?? '', HOME: work, PROFILES_FOLDER: folder, TERM: 'xterm' },
  });
  const waiting = [...lines];
  let said = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    // Each question ends with a colon and a blank.
    if (/(?:uploads\)|or two|Field): $/.test(stripVTControlCharacters(said.slice(seen)))) {
      seen = said.length;
      child.stdin.write(`${waiting.shift() ?? ''}\n`);
    }
  });
  return new Promise((resolve) => child.on('close', () => resolve(said)));
}

describe('fields that are guessed', () => {
  it.each([
    ['Total: 12.50', { name: 'total', type: 'number' }],
    ['TOTAL EUR 12,50', { name: 'total', type: 'number' }],
    ['Rechnung Nr. 4711', { name: 'rechnungNr', type: 'integer' }],
    ['Datum: 29.11.2026', { name: 'datum', type: 'date' }],
    ['Open: 09:30', { name: 'open', type: 'time' }],
    ['Mail: a@example.com', { name: 'mail', type: 'email' }],
    ['Größe: M', { name: 'grosse', type: 'text' }],
  ])('from the line "%s"', (line, field) => {
    expect(guessFields({ text: line, codes: [] })).toMatchObject([field]);
  });

  it('are the codes where there are any, and the text where there is nothing else', () => {
    const ean = { format: 'EAN13', text: '4006381333931' };
    expect(guessFields({ text: '', codes: [ean, ean] })).toMatchObject([
      { name: 'codes', type: 'gtin', isList: true },
    ]);
    expect(guessFields({ text: 'Once upon a time', codes: [] })).toMatchObject([
      { name: 'text', type: 'text' },
    ]);
    expect(guessFields({ text: '', codes: [] })).toEqual([]);
  });
});
