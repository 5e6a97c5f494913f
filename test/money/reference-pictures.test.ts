import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { DeveloperContextApi } from '../../shared/model/context-cache/cache-api.ts';
import { ContextCaches } from '../../shared/model/context-cache/caches.ts';
import { charged } from '../../shared/model/gate/call-path.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { climb } from '../../shared/model/ladder.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { LateRecords } from '../../shared/money/late-records.ts';
import { costReport } from '../../shared/money/report.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import { createPay, createReserveForCache, type ImageSpending } from '../../shared/money/spending.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { dayOf, nanosOf } from '../../shared/prices/units.ts';
import { defineProfile, type Profile } from '../../shared/profiles/define.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { billOf } from '../support/bill.ts';
import { DESCRIPTION, picture } from '../support/pipeline.ts';

const FILES = ['1.jpg', '2.jpg', '3.jpg', '4.jpg'];

const damage = defineProfile({
  name: 'damage',
  version: 1,
  prompt: 'What is damaged?',
  schema: z.object({ caption: z.string(), confidence: z.number().min(0).max(1) }),
  maxSide: 1024,
  ladder: [
    {
      models: ['gemini-3.5-flash-lite'],
      mediaResolution: 'HIGH',
      thinkingLevel: 'minimal',
      maxOutputTokens: 500,
    },
  ],
  minConfidence: 0,
  cacheTtlHours: 1,
  references: FILES.map((file) => ({ file, caption: `Kind ${file}.` })),
});
const { references: _, ...withoutPictures } = damage;
const plain = defineProfile({ ...withoutPictures, name: 'plain' });

const signal = new AbortController().signal;
const quiet = () => undefined;
const prices = new PriceList();

let folder: string;
let firestore: FirestoreServer;
let gemini: GeminiSimulator;
let documents: Documents;
const host = process.env['FIRESTORE_EMULATOR_HOST'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'references-'));
  for (const [seed, file] of FILES.entries())
    await writeFile(join(folder, file), await picture(seed, 64, 48));
  firestore = await startFirestoreServer({ port: 0 });
  gemini = await startGeminiSimulator();
  process.env['FIRESTORE_EMULATOR_HOST'] = firestore.host;
  documents = new Documents({ projectId: 'local' });
});
afterAll(async () => {
  if (host === undefined) delete process.env['FIRESTORE_EMULATOR_HOST'];
  else process.env['FIRESTORE_EMULATOR_HOST'] = host;
  await documents.close();
  await Promise.all([gemini.close(), firestore.close(), rm(folder, { recursive: true })]);
});

/** One instance of analyze-image with a budget of this many nano-dollars: what one image of it costs. */
function instance(owner: string, daily: number): (profile: Profile) => Promise<ImageSpending> {
  const limits = { daily, uploaderDaily: null, uploaders: {}, profiles: {} };
  const dayBudgets = new DayBudgets(
    documents,
    new BudgetLimits(documents, limits, { cacheMs: 0, log: silentLog }),
    {
      ...{ owner, holdMs: 60_000, waitMs: 0, uploaderAction: 'refuse' },
    },
  );
  const spendLog = new SpendLog(owner);
  const pay = createPay(dayBudgets, spendLog, {
    ...{ prices, estimator: new Estimator(prices), audit: { record: quiet }, log: silentLog, leastCallMs: 0 },
    referencesOf: loadReferences([damage], folder),
  });
  const access = { apiKey: 'test', baseUrl: gemini.url };
  const hold = createReserveForCache(dayBudgets, spendLog, new LateRecords(documents, silentLog));
  const caches = new ContextCaches(new DeveloperContextApi(access), documents, prices, silentLog, hold);
  const call = charged(caches.around(createDeveloperApi(access)));
  return async (profile) => {
    const source = { bucket: 'uploads', name: 'a.jpg', generation: '1', uploader: null, bytes: 1 };
    const document = { source, profile: profile.name } as ResultDocument;
    const payment = await pay(document, profile);
    const { prompt, charges } = payment;
    const image = { mimeType: 'image/jpeg', base64: (await picture(7)).toString('base64') };
    await climb({ profile, prompt, image, call, codes: async () => undefined, charges }, signal);
    const { record: booking } = payment.cost(true);
    if (booking) await documents.commit([booking]);
    return payment;
  };
}

const costOf = ({ attempts }: ImageSpending): number =>
  attempts.reduce((sum, { costUsd }) => sum + nanosOf(costUsd ?? 0), 0);
const estimateOf = (payment: ImageSpending): number => nanosOf(payment.cost(true).cost.estimatedUsd);

describe('an image of a profile with reference pictures', () => {
  it('costs what the simulator bills, with the context cache, to the nano-dollar, and the estimate follows', async () => {
    gemini.behave({ script: [{ json: DESCRIPTION, times: 1_000 }] });
    const analyze = instance('one', nanosOf(1));
    const paid: ImageSpending[] = [];
    for (let i = 0; i < 12; i += 1) paid.push(await analyze(damage));
    const { contexts } = gemini.bill();
    const caches = Object.values(contexts).reduce(
      (sum, { made, tokenHours }) => sum + made * 300 + Math.round(tokenHours * 1_000),
      0,
    );
    expect(caches).toBeGreaterThan(0);
    expect(paid.reduce((sum, one) => sum + costOf(one), 0)).toBe(billOf({ model: gemini }));
    const today = dayOf(Date.now());
    const report = await costReport(documents, today, today);
    expect(nanosOf(report.total.usd)).toBe(billOf({ model: gemini }) + caches);
    expect(nanosOf(report.profiles['(context cache)']?.usd ?? 0)).toBe(caches);

    const [first, last] = [paid[0], paid.at(-1)];
    if (!first || !last) throw new Error('nothing was paid');
    // The first is sent all pictures, the last reads them at a tenth.
    expect(costOf(first)).toBeGreaterThan(3 * costOf(last));
    expect(estimateOf(first) / costOf(first)).toBeCloseTo(1, 0);
    expect(estimateOf(last)).toBeLessThan(estimateOf(first) / 2);
  });

  it('is not asked about with money that would be enough for the picture alone', async () => {
    // A database of its own: the fact above has drawn on this day's budget.
    const other = new Documents({ projectId: 'local', databaseId: 'other' });
    const before = documents;
    documents = other;
    // A picture at HIGH with its words is about 1,300 tokens, with the references 5,700; the leash on the answer is 500.
    const analyze = instance('poor', 1_300 * 2 * 300 + 500 * 2_500);
    await expect(analyze(damage)).rejects.toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    const calls = gemini.calls().length;
    expect(costOf(await analyze(plain))).toBeGreaterThan(0);
    expect(gemini.calls().length).toBe(calls + 1);
    documents = before;
    await other.close();
  });
});
