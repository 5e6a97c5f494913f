import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { picture } from '../support/pipeline.ts';
import { type Ended, runCommand } from './command-line.ts';

const PROFILE = `# What is in the parcel room.
prompt: Judge the parcel.
fields:
  damaged: { type: boolean, description: torn or wet }
  kind: { enum: [box, bag] }
ladder: standard
maxSide: 1024
`;
const DECISION = 'gemini-decision-1';
const WRITER = 'gemini-3.5-flash-lite';
const LABELS = 40;
/** One picture in ten is decided wrongly, and without being sure. */
const isHard = (i: number): boolean => i % 10 === 0;

let model: GeminiSimulator;
let folder: string;

beforeAll(async () => {
  model = await startGeminiSimulator();
});
afterAll(() => model.close());

beforeEach(async () => {
  model.reset();
  folder = await mkdtemp(join(tmpdir(), 'evaluate-decisions-'));
  await writeFile(join(folder, 'parcel.yaml'), PROFILE);
  await mkdir(join(folder, 'labels'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rightAbout = (i: number) => ({ damaged: i % 2 === 0, kind: i % 3 === 0 ? 'bag' : 'box' });

async function label(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await writeFile(join(folder, `labels/p${i}.jpg`), await picture(i + 1, 160, 120));
    await writeFile(join(folder, `labels/p${i}.json`), JSON.stringify(rightAbout(i)));
  }
}

/** Labels are asked about in the order of their names. */
const inOrder = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => i).sort((a, b) => `p${a}.jpg`.localeCompare(`p${b}.jpg`));

function decisionAbout(i: number): object {
  const { damaged, kind } = rightAbout(i);
  const answer = isHard(i) === (kind === 'box') ? 'bag' : 'box';
  return {
    damaged: damaged ? 0.98 : 0.02,
    kind: { answer, probability: isHard(i) ? 0.55 : 0.97 },
  };
}

const run = (more: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runCommand(['evaluate', 'labels', '-p', 'parcel.yaml', '--yes', '--concurrency', '1', ...more], {
    cwd: folder,
    env: { GEMINI_API_KEY: 'k', GEMINI_BASE_URL: model.url, ...env },
  });
const report = async (): Promise<Evaluation> =>
  JSON.parse(await readFile(join(folder, 'evaluation-parcel/report.json'), 'utf8')) as Evaluation;

const BOTH = ['--models', `${DECISION},${WRITER}`, '--resolutions', 'MEDIUM'];

describe('pipeline evaluate with gemini-decision-1 among the models', () => {
  it('says what its probabilities are worth, and recommends it as the first step where it is enough', async () => {
    await label(LABELS);
    model.behave({
      script: inOrder(LABELS).flatMap((i) => [
        { model: DECISION, json: decisionAbout(i) as never },
        { model: WRITER, json: rightAbout(i) },
      ]),
    });
    const ended = await run([...BOTH, '--target', '0.99', '--write']);
    expect(ended.stderr).not.toContain('Error');
    expect(ended.code).toBe(0);
    const { variants, recommendation, usd } = await report();
    const [decided, written] = variants;
    expect(decided).toMatchObject({
      id: `${DECISION} MEDIUM 1024 standard`,
      exactDocuments: { mean: 0.9 },
      tokens: { thoughts: 0, output: 0 },
    });
    expect(decided?.usdPer1000).toBeLessThan((written?.usdPer1000 ?? 0) / 3);
    expect(decided?.calibration?.rows).toEqual([
      { from: 0.5, to: 0.6, answers: 4, stated: expect.closeTo(0.539), right: 0 },
      { from: 0.9, to: 1, answers: 36, stated: expect.closeTo(0.9506), right: 1 },
    ]);
    expect(decided?.fields).toMatchObject([
      { field: 'damaged', normalized: 1, stated: expect.closeTo(0.98) },
      { field: 'kind', normalized: 0.9, stated: expect.closeTo(0.928) },
    ]);
    expect(written?.fields.map(({ stated }) => stated)).toEqual([null, null]);
    const readable = await readFile(join(folder, 'evaluation-parcel/report.md'), 'utf8');
    expect(readable).toContain('| field | values | precision | recall | F1 | exact | as compared | stated |');
    expect(recommendation?.ladder).toMatchObject({
      steps: [`${DECISION} MEDIUM 1024 standard`, `${WRITER} MEDIUM 1024 standard`],
      minConfidence: 0.54,
      answeredBy: [0.9, 0.1],
      score: { mean: 1 },
    });
    expect(usd).toBeGreaterThan(0);
    const file = await readFile(join(folder, 'parcel.yaml'), 'utf8');
    expect(file).toContain(`{ model: ${DECISION}, mediaResolution: MEDIUM }`);
    expect(file).toContain('minConfidence: 0.54');
    expect(file).toContain('# What is in the parcel room.');
  });

  it('asks nothing of it where the profile has open fields, and says which', async () => {
    await label(1);
    await writeFile(join(folder, 'parcel.yaml'), `${PROFILE.replace('kind:', 'note: { max: 9 }\n  kind:')}`);
    const ended = await run(BOTH);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(
      'parcel cannot be tried with gemini-decision-1: gemini-decision-1 cannot answer note (text)',
    );
    expect(model.calls()).toEqual([]);
  });

  it('says that Vertex AI does not have it', async () => {
    await label(1);
    const ended = await run(BOTH, {
      ...{ GEMINI_API_KEY: '', GEMINI_BACKEND: 'vertex', GOOGLE_CLOUD_PROJECT: 'local' },
    });
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain('Vertex AI does not have gemini-decision-1.');
  });
});
