import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAnalyze } from '../../functions/analyze-image/handler.ts';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { charged } from '../../shared/model/gate/call-path.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { BudgetLimits, DayBudgets } from '../../shared/money/budgets.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { LateRecords } from '../../shared/money/late-records.ts';
import { costReport } from '../../shared/money/report.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import { createPay, createRecordHit, createReserveForCache } from '../../shared/money/spending.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { profileNamed } from '../../shared/profiles/index.ts';
import { resultId } from '../../shared/results/id.ts';
import { Results } from '../../shared/results/results.ts';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION, picture } from '../support/pipeline.ts';

/** Of the claims, and as long as an execution may take. Milliseconds. */
const LEASE_MS = 700;
const quiet = () => undefined;
const log = { info: quiet, warn: quiet, error: quiet };

let firestore: FirestoreServer;
let model: GeminiSimulator;
let open: Documents[];

beforeEach(async () => {
  firestore = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host);
  model = await startGeminiSimulator();
  answerAlways(model, DESCRIPTION);
  open = [];
});
afterEach(async () => {
  firestore.setFault('none');
  await Promise.all(open.map((documents) => documents.close()));
  await Promise.all([firestore.close(), model.close()]);
  vi.unstubAllEnvs();
});

/** Firestore for somebody who soon loses patience. */
function connect(): Documents {
  const documents = new Documents({ projectId: 'local', attemptMs: 150, overallMs: 400 });
  open.push(documents);
  return documents;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One instance of analyze-image. `answered` is told of each answer of the model before it is stored. */
async function instance(owner: string, answered: () => void = quiet) {
  const documents = connect();
  // Connected, so that after an outage it is there before what is repeated from the time before.
  await documents.get('control/budget');
  const limits = { daily: null, uploaderDaily: null, uploaders: {}, profiles: {} };
  const dayBudgets = new DayBudgets(
    documents,
    new BudgetLimits(documents, limits, { cacheMs: 60_000, log }),
    {
      ...{ owner, holdMs: 60_000, waitMs: 0, uploaderAction: 'refuse' },
    },
  );
  const spendLog = new SpendLog(owner);
  const prices = new PriceList();
  const late = new LateRecords(documents, log);
  const results = new Results(documents, { maxExecutions: 50, retentionDays: 0 });
  const ask = charged(createDeveloperApi({ apiKey: 'test', baseUrl: model.url }));
  const handle = createAnalyze({
    buckets: { delete: async () => undefined },
    openPicture: async () => ({ mimeType: 'image/jpeg', base64: (await picture(1)).toString('base64') }),
    findStopgap: async () => undefined,
    recall: async () => undefined,
    recordHit: createRecordHit(spendLog),
    pay: createPay(dayBudgets, spendLog, {
      ...{ prices, estimator: new Estimator(prices), audit: { record: quiet }, log },
      ...{ referencesOf: () => [], leastCallMs: 0 },
    }),
    call: async (request, signal) => {
      const reply = await ask(request, signal);
      answered();
      return reply;
    },
    ...{ results, late, profileNamed, log, leaseMs: LEASE_MS, askWithinMs: 60_000 },
  });
  const analyze = (name: string) => {
    const id = resultId({ bucket: 'uploads', name });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('The function is over.')), LEASE_MS);
    const ref = { bucket: 'prepared', name: `${id}/1.jpg`, generation: '7' };
    const nothing = { bytes: undefined, contentType: undefined, md5: undefined, createdAt: undefined };
    return handle(
      { kind: 'finalized', ref, ...nothing, metadata: {}, overwritten: false, deliveryAttempt: 1 },
      controller.signal,
    );
  };
  return { analyze, late, hold: createReserveForCache(dayBudgets, spendLog, late) };
}

/** A picture that has been resized. */
async function prepare(name: string): Promise<void> {
  const results = new Results(connect(), { maxExecutions: 50, retentionDays: 0 });
  const id = resultId({ bucket: 'uploads', name });
  const source = { bucket: 'uploads', name, generation: '1', contentType: null, bytes: 1, md5: null };
  const upload = { id, profile: 'describe', profileVersion: 1 };
  const outcome = await results.claimUpload(
    { ...upload, source: { ...source, uploader: null, uploadedAt: null } },
    LEASE_MS,
  );
  if (outcome.kind !== 'claimed') throw new Error(`expected a claim, got ${outcome.kind}`);
  const prepared = { bucket: 'prepared', name: `${id}/1.jpg`, width: 320, height: 240, bytes: 1 };
  await results.recordPrepared(
    outcome.claim,
    { ...prepared, sha256: name, reencoded: false },
    { format: 'jpeg', width: 320, height: 240 },
    {},
  );
}

async function spendLog() {
  const today = dayOf(Date.now());
  const { images, calls, usd } = (await costReport(connect(), today, today)).total;
  return { images, calls, nanos: Math.round(usd * 1e9) };
}

describe('what was paid for an answer that could not be stored', () => {
  it.each(['unavailable', 'hang'] as const)(
    'because Firestore was away (%s) is in the spend log once after the next picture, and so is what was paid instead',
    async (fault) => {
      let isAway = true;
      const one = await instance('one', () => {
        if (isAway) firestore.setFault(fault);
        isAway = false;
      });
      const two = await instance('two');
      await Promise.all(['a.jpg', 'b.jpg'].map(prepare));
      await expect(one.analyze('a.jpg')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await pause(LEASE_MS);
      // What hung goes through now, unheard.
      firestore.setFault('none');
      await two.analyze('a.jpg');
      await one.analyze('b.jpg');
      expect(await spendLog()).toEqual({ images: 2, calls: model.calls().length, nanos: billOf({ model }) });
    },
  );

  it('is not booked a second time however often it is tried', async () => {
    let isAway = true;
    const one = await instance('one', () => {
      if (isAway) firestore.setFault('unavailable');
      isAway = false;
    });
    const two = await instance('two');
    await prepare('a.jpg');
    await expect(one.analyze('a.jpg')).rejects.toThrow();
    await pause(LEASE_MS);
    firestore.setFault('none');
    await two.analyze('a.jpg');
    firestore.setFault('hang');
    await one.late.settle();
    await one.late.settle();
    firestore.setFault('none');
    await pause(500);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
    await one.late.settle();
    vi.useRealTimers();
    expect(await spendLog()).toEqual({ images: 1, calls: model.calls().length, nanos: billOf({ model }) });
  });
});

describe('what a context cache costs', () => {
  it('is booked once when no answer comes in time, and one that comes too late does no harm', async () => {
    const { hold, late } = await instance('one');
    const held = await hold(1_000);
    firestore.setFault('hang');
    await held.billed('gemini-3.5-flash-lite', 1_000);
    firestore.setFault('none');
    await pause(500);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
    await late.settle();
    vi.useRealTimers();
    expect(await spendLog()).toMatchObject({ nanos: 1_000 });
  });

  it('is booked before the instance ends, if Firestore is back by then', async () => {
    const { hold, late } = await instance('one');
    const held = await hold(1_000);
    firestore.setFault('unavailable');
    await held.billed('gemini-3.5-flash-lite', 700);
    firestore.setFault('none');
    await late.flush();
    expect(await spendLog()).toMatchObject({ nanos: 700 });
  });

  it('is booked as soon as Firestore is back', async () => {
    const { hold, analyze } = await instance('one');
    await prepare('a.jpg');
    const held = await hold(1_000);
    firestore.setFault('unavailable');
    await held.lost('gemini-3.5-flash-lite', 400);
    firestore.setFault('none');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
    await analyze('a.jpg');
    vi.useRealTimers();
    const today = dayOf(Date.now());
    expect((await costReport(connect(), today, today)).total.lostUsd).toBe(4e-7);
  });
});
