import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawShelf } from '../../bench/evaluate/shelves.ts';
import { Journal } from '../../cli/evaluate/journal.ts';
import { openModel } from '../../cli/evaluate/model.ts';
import { askingOf, prepareFor } from '../../cli/evaluate/plan.ts';
import { askAll, outcomesIn, type Prepare, questionsOf } from '../../cli/evaluate/run.ts';
import type { LabeledPicture } from '../../cli/labels/labeled.ts';
import { scoreAll, variantFigures } from '../../evaluation/report.ts';
import { variantsOf } from '../../evaluation/variants.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createReader } from '../../local/reader/reader.ts';
import { silentLog } from '../../shared/base/log.ts';
import { compileZod } from '../../shared/profiles/schema/compile.ts';
import { builtIn } from '../support/built-in.ts';

const profile = builtIn('inventory');
const NEVER = new AbortController().signal;

/**
 * Least score by side, as a share of the originals' score, a little below what was measured on 2026-11-30: 1, 1, 0.958,
 * 0.987, 0.751, 0.667. A change of the preparation that loses print or codes falls below one of them.
 */
const FLOORS = { 3072: 1, 2048: 0.99, 1536: 0.93, 1024: 0.97, 768: 0.72, 512: 0.6 } as const;
const SIDES = Object.keys(FLOORS).map(Number);
const SHELVES = [1, 2, 3, 4, 6, 9];

// The reader gets as many pixels as a model does at HIGH, so that sides above 1824 differ by their preparation alone.
const variants = variantsOf(profile, {
  models: ['gemini-3.5-flash-lite'],
  resolutions: ['HIGH'],
  sides: SIDES,
});

let model: GeminiSimulator;
let folder: string;
let labels: LabeledPicture[];
const reader = createReader();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readability-'));
  model = await startGeminiSimulator({ read: reader.read });
  labels = await Promise.all(
    SHELVES.map(async (seed) => {
      const { picture, answer } = await drawShelf(seed);
      return { name: `shelf-${seed}`, answer, place: '', read: () => Promise.resolve(picture) };
    }),
  );
});
afterAll(async () => {
  await model.close();
  await reader.close();
  await rm(folder, { recursive: true, force: true });
});

/** Mean score by side of a run whose pictures are made ready in this way. */
async function scores(name: string, prepare: Prepare, asked = variants): Promise<Map<number, number>> {
  const journal = new Journal(join(folder, name));
  const env = { GEMINI_API_KEY: 'k', GEMINI_BASE_URL: model.url };
  const gemini = await openModel(env, () => Promise.reject(new Error('not asked')), silentLog);
  try {
    const asking = askingOf(profile, { ...gemini, isBilled: false }, journal, 0);
    const questions = await questionsOf(labels, asked, 1, asking, NEVER);
    await askAll(questions, { asking, journal, prepare, concurrency: 2, onOutcome: () => undefined }, NEVER);
    const form = { shape: compileZod(profile.schema).shape, comparators: {} };
    const all = scoreAll(outcomesIn(journal, questions), labels, form);
    return new Map(asked.map((one) => [one.maxSide, variantFigures(one, all, 0.9).score.mean]));
  } finally {
    journal.close();
    await gemini.close();
  }
}

it('codes and print of prepared pictures are read as in the originals down to 2048 pixels, 97 of 100 values at 1024', async () => {
  const asIs: Prepare = (bytes) => Promise.resolve({ bytes, width: 2400, height: 1800 });
  const originals = [...(await scores('originals', asIs, variants.slice(-1))).values()][0] ?? 0;
  expect(originals).toBeGreaterThan(0.97);
  const bySide = await scores('prepared', prepareFor(profile));
  const lost = Object.entries(FLOORS).filter(
    ([side, floor]) => (bySide.get(Number(side)) ?? 0) < floor * originals,
  );
  expect(lost, JSON.stringify([...bySide])).toEqual([]);
});
