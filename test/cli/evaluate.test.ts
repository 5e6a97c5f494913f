import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { picture } from '../support/pipeline.ts';
import { type Ended, runCommand, startCommand } from './command-line.ts';

const shelf = (sku: string, confidence?: number) => ({
  shelfId: 'A-1',
  items: [{ sku, quantity: 3, condition: 'new' }],
  ...(confidence === undefined ? {} : { confidence }),
});

let model: GeminiSimulator;
let folder: string;

beforeAll(async () => {
  model = await startGeminiSimulator();
});
afterAll(() => model.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evaluate-'));
  model.reset();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Pictures p0, p1, ... with a label each that says the SKU KX-0, KX-1, ... */
async function labeled(count: number): Promise<void> {
  await mkdir(join(folder, 'labels'));
  for (let i = 0; i < count; i += 1) {
    await writeFile(join(folder, `labels/p${i}.jpg`), await picture(i + 1, 320, 240));
    await writeFile(join(folder, `labels/p${i}.json`), JSON.stringify(shelf(`KX-${i}`)));
  }
}

const env = () => ({ GEMINI_API_KEY: 'k', GEMINI_BASE_URL: model.url });
const evaluateArgs = (...more: string[]) => ['evaluate', 'labels', '-p', 'inventory', ...more];
const run = (...more: string[]): Promise<Ended> =>
  runCommand(evaluateArgs('--yes', ...more), { cwd: folder, env: env() });
const report = async (): Promise<Evaluation> =>
  JSON.parse(await readFile(join(folder, 'evaluation-inventory/report.json'), 'utf8')) as Evaluation;
const asked = () => model.calls().filter(({ action }) => action === 'generateContent').length;
const ONE = ['--models', 'gemini-3.5-flash-lite', '--resolutions', 'HIGH'];

describe('pipeline evaluate', () => {
  it('asks every variant about every label and reports what was right, what it cost and how long it took', async () => {
    await labeled(3);
    // Small model: the second picture is misread; large one: all right. In the order of the questions.
    const small = 'gemini-3.5-flash-lite';
    const large = 'gemini-3.8-flash';
    model.behave({
      script: [0, 1, 2].flatMap((i) => [
        { model: small, json: shelf(i === 1 ? 'KX-9' : `KX-${i}`, i === 1 ? 0.3 : 0.9) },
        { model: large, json: shelf(`KX-${i}`, 0.9) },
      ]),
    });
    const ended = await run('--models', `${small},${large}`, '--resolutions', 'HIGH', '--concurrency', '1');
    expect(ended.stderr).toBe('');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^inventory version 2, 3 labeled pictures, answered by the model at/);
    expect(ended.stdout).toMatch(/gemini-3\.8-flash HIGH 3072 standard low +100\.0 % .+ 100\.0 % +0 +0 +\$/);
    expect(ended.stdout).toMatch(/3 labels are too few to know/);
    const { variants, pareto, documents, usd } = await report();
    expect(variants.map(({ id, exactDocuments }) => [id, exactDocuments.mean])).toEqual([
      [`${small} HIGH 3072 standard`, 2 / 3],
      [`${large} HIGH 3072 standard low`, 1],
    ]);
    expect(pareto).toHaveLength(2);
    expect(documents).toEqual([
      expect.objectContaining({
        label: 'p1.jpg',
        wrong: [{ field: 'items[].sku', at: 'items[0].sku', expected: 'KX-1', given: 'KX-9' }],
      }),
    ]);
    expect(usd).toBeGreaterThan(0);
    expect(variants[0]?.tokens.prompt).toBeGreaterThan(1_000);
    const at = (name: string) => readFile(join(folder, 'evaluation-inventory', name), 'utf8');
    expect(await at('cells.csv')).toMatch(
      /p1\.jpg,0,items\[\]\.sku,items\[0\]\.sku,KX-1,KX-9,wrong,false,0\.3/,
    );
    expect(await at('report.md')).toContain('| `items[].sku` | 3 |');
    const html = await at('report.html');
    expect(html).toContain('<svg viewBox');
    expect(html).toContain('data:image/jpeg;base64,');
    expect(html).not.toMatch(/<script|https?:\/\/(?!127)/);
  });

  it('counts answers that never come, or in the wrong form, as wrong', async () => {
    await labeled(3);
    model.behave({
      script: [{ json: shelf('KX-0', 0.9) }, { json: { odd: true }, times: 2 }, { fault: 'blockedPrompt' }],
    });
    const ended = await run(...ONE, '--concurrency', '1');
    expect(ended.code).toBe(0);
    const [figures] = (await report()).variants;
    expect(figures).toMatchObject({ questions: 3, answered: 1, invalid: 1, failed: 1 });
    expect(figures?.score.mean).toBeCloseTo(1 / 3);
  });

  it('asks nothing twice: answered questions are kept, new variants are added', async () => {
    await labeled(2);
    model.behave({ script: [{ json: shelf('KX-0', 0.9), times: 100 }] });
    await run(...ONE);
    expect(asked()).toBe(2);
    const again = await run(...ONE);
    expect(again.code).toBe(0);
    expect(asked()).toBe(2);
    await run(...ONE, '--repeat', '2');
    expect(asked()).toBe(4);
    await run(...ONE, '--sides', '3072,256');
    expect(asked()).toBe(6);
  });

  it('goes on after a kill -9 without paying again for what was answered', async () => {
    await labeled(8);
    // Three answers, then nothing: the kill comes while calls are under way, however busy the machine.
    model.behave({
      script: [
        { json: shelf('KX-0', 0.9), times: 3 },
        { fault: 'hang', times: 9 },
      ],
    });
    const journal = join(folder, 'evaluation-inventory/journal.jsonl');
    const outcomes = async () =>
      ((await readFile(journal, 'utf8').catch(() => '')).match(/"outcome"/g) ?? []).length;
    const first = startCommand(evaluateArgs('--yes', ...ONE, '--concurrency', '2'), {
      cwd: folder,
      env: env(),
    });
    await expect.poll(outcomes, { interval: 20 }).toBe(3);
    await expect.poll(asked, { interval: 20 }).toBe(5);
    first.process.kill('SIGKILL');
    await first.ended;
    expect(await outcomes()).toBe(3);
    const calls = asked();
    model.behave({ script: [{ json: shelf('KX-0', 0.9), times: 1_000 }] });
    const again = await run(...ONE, '--concurrency', '2');
    expect(again.code).toBe(0);
    expect(asked() - calls).toBe(5);
    expect((await report()).variants[0]).toMatchObject({ questions: 8, answered: 8 });
    // What the killed process may have paid for counts at its highest price.
    expect((await readFile(journal, 'utf8')).match(/"kind":"call"/g)).toHaveLength(10);
  });

  it('stops before it can spend more than the cap, keeps what it paid for, and says how to go on', async () => {
    await labeled(12);
    model.behave({ script: [{ json: shelf('KX-0', 0.9), times: 1_000 }] });
    const ended = await run(...ONE, '--max-usd', '0.0145');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /✗ Stopped at --max-usd 0\.0145: \$0\.00\d\d are spent, \d+ questions? not asked\./,
    );
    expect(ended.stderr).toContain('Run the same command with a higher --max-usd.');
    const calls = asked();
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThan(12);
    expect((await run(...ONE, '--max-usd', '1')).code).toBe(0);
    expect(asked()).toBe(12);
  });

  it('spends nothing without consent, and nothing that is too dear from the start', async () => {
    await labeled(2);
    const silent = await runCommand(evaluateArgs(...ONE), { cwd: folder, env: env() });
    expect(silent.code).toBe(1);
    expect(silent.stderr).toMatch(
      /2 questions to the model at .+: about \$0\.00\d+, and never more than \$2\.00/,
    );
    expect(silent.stderr).toContain('Add --yes to agree.');
    const dear = await run(...ONE, '--max-usd', '0.0001');
    expect(dear.stderr).toMatch(/2 questions cost about \$0\.\d+: more than --max-usd 0\.0001/);
    expect(asked()).toBe(0);
  });

  it('stops at a failure that every question would end with, and goes on where it was', async () => {
    await labeled(3);
    model.behave({ script: [{ json: shelf('KX-0', 0.9) }, { fault: 'credit402', times: 50 }] });
    const ended = await run(...ONE, '--concurrency', '1');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/✗ Stopped, 2 questions not asked:/);
    model.behave({ script: [{ json: shelf('KX-0', 0.9), times: 9 }] });
    expect((await run(...ONE)).code).toBe(0);
  });

  it('refuses labels that no answer could match, and what it does not know', async () => {
    await labeled(2);
    await writeFile(join(folder, 'labels/p1.json'), JSON.stringify({ shelf: 'A-1', items: [{ sku: 7 }] }));
    const wrong = await run(...ONE);
    expect(wrong.stderr).toContain('labels/p1.jpg: shelf is no field of inventory; did you mean shelfId?');
    expect(wrong.stderr).toMatch(/items\.0\.sku: /);
    expect((await run('--models', 'gpt')).stderr).toContain('gpt has no price here; there are: gemini-');
    expect((await run('--sides', '9999')).stderr).toContain('sides of 64 to 3072 pixels');
    expect((await runCommand(['evaluate', 'none', '-p', 'inventory'], { cwd: folder })).stderr).toContain(
      'There is no file or folder none.',
    );
    expect(asked()).toBe(0);
  });
});

describe('a baseline and a ladder to write', () => {
  it('fails when a figure fell against an earlier run, and says which cells', async () => {
    await labeled(4);
    model.behave({ script: [0, 1, 2, 3].map((i) => ({ json: shelf(`KX-${i}`, 0.9) })) });
    const first = await run(...ONE, '--concurrency', '1', '--run', 'first');
    expect(first.code).toBe(0);
    model.behave({ script: [0, 1, 2, 3].map((i) => ({ json: shelf(i === 2 ? 'KX-9' : `KX-${i}`, 0.9) })) });
    const same = await run(...ONE, '--run', 'first', '--baseline', 'first/report.json');
    expect(same.code).toBe(0);
    const worse = await run(
      ...[...ONE, '--concurrency', '1', '--run', 'second'],
      ...['--baseline', 'first/report.json', '--max-drop', '0.01'],
    );
    expect(worse.code).toBe(1);
    expect(worse.stderr).toContain('HIGH 3072 standard: all right 100.0 % → 75.0 %');
    expect(worse.stderr).toContain('p2.jpg items[0].sku: "KX-2" read as "KX-9"');
    expect(worse.stderr).toMatch(/✗ 3 figures fell by more than 1\.0 % against first\/report\.json\./);
    const none = await run(...ONE, '--baseline', 'labels/p0.json');
    expect(none.stderr).toContain('labels/p0.json is no report of pipeline evaluate.');
  });

  it('writes no ladder that too few labels speak for, and asks with the file of a profile', async () => {
    await labeled(2);
    const file = await readFile(new URL('../../profiles/inventory.yaml', import.meta.url), 'utf8');
    await writeFile(join(folder, 'draft.yaml'), file);
    model.behave({ script: [{ json: shelf('KX-0', 0.9), times: 9 }] });
    const args = ['evaluate', 'labels', '-p', 'draft.yaml', '--yes', '--write', ...ONE];
    const ended = await runCommand(args, { cwd: folder, env: env() });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^draft version 2, 2 labeled pictures/);
    expect(ended.stderr).toContain('✗ The ladder is not written: 2 labels are too few to know');
    expect(await readFile(join(folder, 'draft.yaml'), 'utf8')).toBe(file);
  });
});

describe('pipeline labels', () => {
  const labels = (...args: string[]) => runCommand(['labels', ...args, '-p', 'inventory'], { cwd: folder });

  it('checks them: fit, picture and label for each, no picture twice', async () => {
    await labeled(2);
    expect((await labels('check', 'labels')).stdout).toBe('✓ 2 labels fit inventory\n');
    await writeFile(join(folder, 'labels/same.jpg'), await picture(1, 320, 240));
    await writeFile(join(folder, 'labels/same.json'), JSON.stringify(shelf('other')));
    await writeFile(join(folder, 'labels/lonely.jpg'), await picture(9, 320, 240));
    const { code, stdout } = await labels('check', 'labels');
    expect(code).toBe(1);
    expect(stdout).toContain('labels/lonely.jpg: it has no lonely.json with what is right');
    expect(stdout).toContain('labels/same.jpg: it is the same picture as p0.jpg, labeled in another way');
  });

  it('reads one file of lines, lists it and adds it to a folder, once', async () => {
    await labeled(2);
    await writeFile(join(folder, 'more.jpg'), await picture(5, 320, 240));
    await writeFile(
      join(folder, 'more.jsonl'),
      `${JSON.stringify({ picture: 'more.jpg', answer: shelf('KX-5') })}\n`,
    );
    expect((await labels('list', 'more.jsonl', '--json')).stdout).toBe(
      `${JSON.stringify({ picture: 'more.jpg', answer: shelf('KX-5') })}\n`,
    );
    expect((await labels('import', 'more.jsonl', 'labels')).stdout).toBe('1 label added to labels\n');
    expect((await labels('check', 'labels')).stdout).toBe('✓ 3 labels fit inventory\n');
    expect((await labels('import', 'more.jsonl', 'labels')).stderr).toContain('labels has more.jpg already');
  });
});
