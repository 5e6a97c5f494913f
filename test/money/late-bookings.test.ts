import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { costReport } from '../../shared/money/report.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { preparePicture, spentToday, startAnalysis } from '../support/analysis.ts';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION } from '../support/pipeline.ts';

/** Of the claims, and as long as an execution may take. Milliseconds. */
const LEASE_MS = 700;
const quiet = () => undefined;

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
  const documents = new Documents({ projectId: 'local', attemptMs: 1_500, overallMs: 3_000 });
  open.push(documents);
  return documents;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const instance = (owner: string, answered: () => void = quiet) =>
  startAnalysis({ documents: connect(), model, owner, leaseMs: LEASE_MS, answered });

const prepare = (name: string) => preparePicture(connect(), name, LEASE_MS);

const spendLog = () => spentToday(connect());

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
