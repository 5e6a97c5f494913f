import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { costReport } from '../../shared/money/report.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { preparePicture, spentToday, startAnalysis } from '../support/analysis.ts';
import { billOf } from '../support/bill.ts';
import { startUnsteadyFirestore, type UnsteadyFirestore } from '../support/patience.ts';
import { answerAlways, DESCRIPTION } from '../support/pipeline.ts';

/** Of the claims, and as long as an execution may take. Milliseconds. */
const LEASE_MS = 100_000;

let firestore: UnsteadyFirestore;
let model: GeminiSimulator;

beforeEach(async () => {
  firestore = await startUnsteadyFirestore();
  model = await startGeminiSimulator();
  answerAlways(model, DESCRIPTION);
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all([firestore.close(), model.close()]);
});

/** Goes on to a later moment; the clock does not stand still there. */
const later = (ms: number): void => {
  const now = Date.now() + ms;
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['Date'], now, shouldAdvanceTime: true });
};

/** What hung has gone through by then. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const instance = (owner: string, answered?: (endFunction: () => void) => void) =>
  startAnalysis({
    ...{ documents: firestore.connect(), model, owner, leaseMs: LEASE_MS },
    ...(answered ? { answered } : {}),
  });

/** Meets an outage with its first answer, and tries to store that until its function ends. */
const instanceInAnOutage = (owner: string, fault: 'unavailable' | 'hang') => {
  let isAway = false;
  return instance(owner, (endFunction) => {
    if (isAway) return;
    isAway = true;
    firestore.setFault(fault);
    setTimeout(endFunction, 300);
  });
};

const prepare = (name: string) => preparePicture(firestore.connect(), name, LEASE_MS);

const spendLog = () => spentToday(firestore.connect());

describe('what was paid for an answer that could not be stored', () => {
  it.each(['unavailable', 'hang'] as const)(
    'because Firestore was away (%s) is in the spend log once after the next picture, and so is what was paid instead',
    async (fault) => {
      const one = await instanceInAnOutage('one', fault);
      const two = await instance('two');
      await Promise.all(['a.jpg', 'b.jpg'].map(prepare));
      await expect(one.analyze('a.jpg')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      later(LEASE_MS + 1);
      // What hung goes through now, unheard.
      firestore.setFault('none');
      await two.analyze('a.jpg');
      await one.analyze('b.jpg');
      expect(await spendLog()).toEqual({ images: 2, calls: model.calls().length, nanos: billOf({ model }) });
    },
  );

  it('is not booked a second time however often it is tried', async () => {
    const one = await instanceInAnOutage('one', 'unavailable');
    const two = await instance('two');
    await prepare('a.jpg');
    await expect(one.analyze('a.jpg')).rejects.toThrow();
    later(LEASE_MS + 1);
    firestore.setFault('none');
    await two.analyze('a.jpg');
    firestore.setFault('hang');
    await one.late.settle();
    await one.late.settle();
    firestore.setFault('none');
    await pause(500);
    later(30_001);
    await one.late.settle();
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
    later(30_001);
    await late.settle();
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
    later(30_001);
    await analyze('a.jpg');
    const today = dayOf(Date.now());
    expect((await costReport(firestore.connect(), today, today)).total.lostUsd).toBe(4e-7);
  });
});
