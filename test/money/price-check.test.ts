import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkPrices } from '../../cli/prices/check.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { ModelRequest } from '../../shared/model/request.ts';
import { ImageCharges } from '../../shared/money/charges.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { costReport } from '../../shared/money/report.ts';
import { type Charge, SpendLog } from '../../shared/money/spend-log.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Source } from '../../shared/results/document.ts';

let server: FirestoreServer;
let documents: Documents;

beforeAll(async () => {
  server = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  documents = new Documents({ projectId: 'local', attemptMs: 50_000, overallMs: 55_000 });
});
afterAll(async () => {
  await documents.close();
  await server.close();
  vi.unstubAllEnvs();
});

const TOKENS = { prompt: 840, image: 540, cached: 0, thoughts: 0, output: 250 };
const NANOS = 840 * 300 + 250 * 2_500;

/** Books calls of a day, and reports it. */
async function dayWith(day: string, calls: readonly Charge[]) {
  const amounts = { estimated: 0, lost: 0, savedByCache: 0, topStep: 0, bytesIn: 0, bytesOut: 0 };
  const image = { scopes: [], profile: 'describe', uploader: null, ended: true, cacheHit: false };
  await documents.commit([new SpendLog('one').write({ day, ...image, ...amounts, calls })]);
  return costReport(documents, day, day);
}

const times = (count: number, call: Charge): Charge[] => Array.from({ length: count }, () => call);
const LITE: Charge = { model: 'gemini-3.5-flash-lite', tokens: TOKENS, nanos: NANOS, expected: NANOS };

const REQUEST: ModelRequest = {
  model: 'gemini-3.5-flash-lite',
  step: { mediaResolution: 'MEDIUM', thinkingLevel: 'minimal', maxOutputTokens: 2_048 },
  instructions: 'i'.repeat(800),
  prompt: 'p'.repeat(400),
  responseSchema: {},
  image: { mimeType: 'image/jpeg', base64: '' },
};

/** What so many calls are charged that ask for a lane and are served by one; standard where none is named. */
async function chargesOf(
  count: number,
  asked?: 'flex' | 'priority',
  served?: 'flex' | 'priority',
): Promise<readonly Charge[]> {
  const list = new PriceList();
  const never = new AbortController().signal;
  const reservation = { amount: Number.POSITIVE_INFINITY, settle: () => undefined };
  const charges = new ImageCharges(
    {
      ...{ prices: list, estimator: new Estimator(list), audit: { record: () => undefined } },
      ...{ log: silentLog, leastCallMs: 0 },
    },
    {
      ...{ budget: { day: '', scopes: [], reserve: async () => reservation } },
      ...{ profile: 'describe', promptSha256: '', size: { width: 400, height: 300 } },
      source: { bucket: 'uploads', name: 'a.jpg', generation: '1', uploader: null } as Source,
    },
  );
  for (let i = 0; i < count; i += 1) {
    const request = { ...REQUEST, ...(asked ? { lane: asked } : {}) };
    const open = await charges.at(0).begin(request, never);
    open.answered({
      ...{ end: { kind: 'empty' }, modelVersion: REQUEST.model, usage: TOKENS },
      ...(served ? { lane: served } : {}),
    });
  }
  return charges.calls;
}

describe('a cost report', () => {
  it('judges estimates by no fewer than 50 calls', async () => {
    const dear = { ...LITE, expected: NANOS / 2 };
    const few = await dayWith('2026-11-01', times(49, dear));
    expect(few.total).toMatchObject({ drift: null, driftFlagged: false });
    const enough = await dayWith('2026-11-01', [dear]);
    expect(enough.total).toMatchObject({ drift: 1, driftFlagged: true });
  });

  it('holds each call against its own estimate, so that steps up the ladder raise no alarm', async () => {
    const top = { ...LITE, model: 'gemini-3.8-flash', nanos: 5 * NANOS, expected: 5 * NANOS };
    const { total } = await dayWith('2026-11-02', [...times(40, LITE), ...times(40, top)]);
    expect(total).toMatchObject({ drift: 0, driftFlagged: false, compared: { calls: 80 } });
  });

  it('leaves out what was not an answer: context caches and calls without usage', async () => {
    const cache: Charge = { model: 'gemini-3.5-flash-lite', tokens: null, nanos: 9e6 };
    const { total } = await dayWith('2026-11-03', [...times(60, LITE), cache]);
    expect(total).toMatchObject({ drift: 0, compared: { calls: 60 } });
  });
});

describe('a check of the prices', () => {
  const prices = new PriceList();

  it('gives what was recorded when the table is the one of the calls, day by day', async () => {
    const flash = (nanos: number): Charge => ({ ...LITE, model: 'gemini-3.8-flash', nanos });
    const days = [
      await dayWith('2026-12-31', [flash(840 * 750 + 250 * 3_750)]),
      await dayWith('2027-01-01', [flash(840 * 1_500 + 250 * 7_500)]),
    ];
    expect(checkPrices(prices, days)).toEqual([
      {
        model: 'gemini-3.8-flash',
        calls: 2,
        recordedUsd: expect.closeTo(0.0047025, 9),
        repricedUsd: expect.closeTo(0.0047025, 9),
        confidence: 'published',
        differs: false,
      },
    ]);
  });

  it('tells of calls that were priced otherwise, and of models without a price', async () => {
    const calls = [
      { ...LITE, nanos: NANOS * 2 },
      { ...LITE, model: 'gemini-9' },
    ];
    expect(checkPrices(prices, [await dayWith('2026-11-05', calls)])).toMatchObject([
      { model: 'gemini-3.5-flash-lite', differs: true },
      { model: 'gemini-9', repricedUsd: undefined, differs: true },
    ]);
  });

  it('prices each lane by itself', async () => {
    const flex: Charge = { ...LITE, lane: 'flex', nanos: NANOS / 2 };
    const day = await dayWith('2026-11-07', [LITE, flex]);
    expect(checkPrices(prices, [day])).toMatchObject([
      { model: 'gemini-3.5-flash-lite', differs: false },
      { model: 'gemini-3.5-flash-lite/flex', repricedUsd: NANOS / 2e9, differs: false },
    ]);
  });

  it('compares calls that another lane served than the one that was asked, too', async () => {
    const calls = [...(await chargesOf(95, 'flex', 'flex')), ...(await chargesOf(5, 'flex', undefined))];
    const day = await dayWith('2026-11-08', calls);
    expect(checkPrices(prices, [day])).toMatchObject([
      { model: 'gemini-3.5-flash-lite/flex', calls: 95, differs: false },
      { model: 'gemini-3.5-flash-lite', calls: 5, differs: false },
    ]);
    const mixed = [...(await chargesOf(95)), ...(await chargesOf(5, 'priority', undefined))];
    const { models, total } = await dayWith('2026-11-09', mixed);
    expect(checkPrices(prices, [{ ...day, models }])).toMatchObject([{ calls: 100, differs: false }]);
    expect(total).toMatchObject({ compared: { calls: 100 }, driftFlagged: false });
  });

  it('compares nothing of days from before calls were recorded with their estimates', async () => {
    const { expected: _, ...old } = LITE;
    expect(checkPrices(prices, [await dayWith('2026-11-06', times(5, { ...old, nanos: 1 }))])).toEqual([]);
  });
});
