import { afterAll, describe, expect, test, vi } from 'vitest';
import { startFirestoreServer } from '../../local/firestore/server.ts';
import { startGeminiSimulator } from '../../local/gemini/server.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { costReport } from '../../shared/money/report.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { preparePicture, spentToday, startAnalysis } from '../support/analysis.ts';
import { billOf } from '../support/bill.ts';
import { answerAlways, DESCRIPTION } from '../support/pipeline.ts';

/** Of the claims, and as long as an execution may take. Milliseconds. */
const LEASE_MS = 700;
const quiet = () => undefined;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A Firestore and a model of each test's own: the tests wait for outages, and do so at the same time. */
async function setUp() {
  const firestore = await startFirestoreServer({ port: 0 });
  const model = await startGeminiSimulator();
  answerAlways(model, DESCRIPTION);
  const open: Documents[] = [];
  /** Firestore for somebody who soon loses patience. */
  const connect = (): Documents => {
    vi.stubEnv('FIRESTORE_EMULATOR_HOST', firestore.host);
    const documents = new Documents({ projectId: 'local', attemptMs: 1_500, overallMs: 2_000 });
    open.push(documents);
    return documents;
  };
  return {
    firestore,
    model,
    connect,
    instance: (owner: string, answered: () => void = quiet) =>
      startAnalysis({ documents: connect(), model, owner, leaseMs: LEASE_MS, answered }),
    prepare: (name: string) => preparePicture(connect(), name, LEASE_MS),
    spendLog: () => spentToday(connect()),
    close: async () => {
      firestore.setFault('none');
      await Promise.all(open.map((documents) => documents.close()));
      await Promise.all([firestore.close(), model.close()]);
    },
  };
}

const it = test.extend<{ setting: Awaited<ReturnType<typeof setUp>> }>({
  // biome-ignore lint/correctness/noEmptyPattern: a fixture names those that it needs, and this one needs none.
  setting: async ({}, use) => {
    const setting = await setUp();
    await use(setting);
    await setting.close();
  },
});
afterAll(() => {
  vi.unstubAllEnvs();
});

describe.concurrent('what was paid for an answer that could not be stored', () => {
  it.for(['unavailable', 'hang'] as const)(
    'because Firestore was away (%s) is in the spend log once after the next picture, and so is what was paid instead',
    async (fault, { setting: { firestore, model, instance, prepare, spendLog } }) => {
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

  it('is not booked a second time however often it is tried', async ({ setting }) => {
    const { firestore, model, instance, prepare, spendLog } = setting;
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
    await one.late.flush();
    expect(await spendLog()).toEqual({ images: 1, calls: model.calls().length, nanos: billOf({ model }) });
  });
});

describe.concurrent('what a context cache costs', () => {
  it('is booked once when no answer comes in time, and one that comes too late does no harm', async ({
    setting,
  }) => {
    const { firestore, instance, spendLog } = setting;
    const { hold, late } = await instance('one');
    const held = await hold(1_000);
    firestore.setFault('hang');
    await held.billed('gemini-3.5-flash-lite', 1_000);
    firestore.setFault('none');
    await pause(500);
    await late.flush();
    expect(await spendLog()).toMatchObject({ nanos: 1_000 });
  });

  it('is booked before the instance ends, if Firestore is back by then', async ({ setting }) => {
    const { firestore, instance, spendLog } = setting;
    const { hold, late } = await instance('one');
    const held = await hold(1_000);
    firestore.setFault('unavailable');
    await held.billed('gemini-3.5-flash-lite', 700);
    firestore.setFault('none');
    await late.flush();
    expect(await spendLog()).toMatchObject({ nanos: 700 });
  });
});

// Its clock jumps, which the others must not see.
describe('what a context cache has cost in an outage', () => {
  it('is booked as soon as Firestore is back', async ({ setting }) => {
    const { firestore, connect, instance, prepare } = setting;
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
