import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerAlways, DESCRIPTION, type Pipeline } from '../support/pipeline.ts';
import {
  allAre,
  batchEnv,
  documentsOf,
  heldBy,
  jobsOf,
  moneyOf,
  runBatch,
  runUntil,
  startBatchPipeline,
  uploadForBatch,
} from './batching.ts';

let pipeline: Pipeline;
beforeEach(async () => {
  // A job of a process that is gone is taken over at once.
  pipeline = await startBatchPipeline({ functionEnv: { batch: QUICK } });
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});
afterEach(() => pipeline.close());

const QUICK = { ...batchEnv, BATCH_LEASE_MS: '1000' };
const PICTURES = 80;

/** Kills the function as soon as the condition holds for a job or a picture, while a run is under way. */
async function killWhen(
  collection: 'batches' | 'results',
  holds: (documents: Record<string, unknown>[]) => boolean,
): Promise<void> {
  const killed = new Promise<void>((resolve, reject) => {
    const stop = pipeline.firestore.collection(collection).onSnapshot((snapshot) => {
      if (!holds(snapshot.docs.map((doc) => doc.data()))) return;
      stop();
      pipeline.cloud.supervisor.kill('batch');
      resolve();
    }, reject);
  });
  const run = runUntil(pipeline, async () => pipeline.cloud.supervisor.restarts('batch') > 0);
  await Promise.all([killed, run.catch(() => undefined)]);
}

const isIn =
  (...states: string[]) =>
  (jobs: Record<string, unknown>[]): boolean =>
    jobs.some(({ state }) => states.includes(String(state)));
const count = (documents: Record<string, unknown>[], holds: (document: never) => boolean): number =>
  documents.filter((document) => holds(document as never)).length;

describe('kill -9 of batch', () => {
  it.each<[string, 'batches' | 'results', (documents: Record<string, unknown>[]) => boolean]>([
    ['as soon as its job is begun', 'batches', (jobs) => jobs.length > 0],
    [
      'while pictures join the job',
      'results',
      (all) => count(all, ({ batch }: { batch?: { job?: string } }) => batch?.job !== undefined) > 0,
    ],
    ['with its requests stored', 'batches', isIn('creating', 'running')],
    ['while the job is created', 'batches', (jobs) => jobs.some(({ triedAt, name }) => triedAt || name)],
    ['while the job runs', 'batches', isIn('running', 'settling')],
    ['when its answers are there', 'batches', isIn('settling')],
    [
      'in the middle of storing answers',
      'results',
      (all) => count(all, ({ status }) => status === 'completed') > 0,
    ],
    [
      'late in storing answers',
      'results',
      (all) => count(all, ({ status }) => status === 'completed') >= PICTURES / 2,
    ],
  ])('%s loses nothing and pays each picture once', async (_, collection, holds) => {
    const names = await uploadForBatch(pipeline, PICTURES);
    await killWhen(collection, holds);
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await runUntil(pipeline, async () => (await jobsOf(pipeline)).every(({ state }) => state === 'ended'));
    expect(pipeline.cloud.supervisor.restarts('batch')).toBeGreaterThan(0);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
    const { documents, books, bill } = await moneyOf(pipeline, names);
    expect([documents, books]).toEqual([bill, bill]);
    expect(await heldBy(pipeline)).toEqual({});
  });

  it('again and again loses nothing and pays each picture once', async () => {
    const names = await uploadForBatch(pipeline, PICTURES);
    let kills = 0;
    const killer = setInterval(() => {
      if (kills < 12) pipeline.cloud.supervisor.kill('batch');
      kills += 1;
    }, 400);
    try {
      await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    } finally {
      clearInterval(killer);
    }
    await runUntil(pipeline, async () => (await jobsOf(pipeline)).every(({ state }) => state === 'ended'));
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
    const { documents, books, bill } = await moneyOf(pipeline, names);
    expect([documents, books]).toEqual([bill, bill]);
    expect(await heldBy(pipeline)).toEqual({});
  });
});

describe('a creation of which nobody knows what became', () => {
  it('is looked for by its name, not repeated', async () => {
    const names = await uploadForBatch(pipeline, 3);
    pipeline.model.behave({ batchCreate: 'unheard' });
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toMatchObject([{ state: 'creating', triedAt: expect.anything() }]);
    pipeline.model.behave({ batchCreate: 'heard' });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(pipeline.model.bill().total.calls).toBe(3);
    expect(pipeline.model.calls().filter(({ action }) => action === 'batchGenerateContent')).toHaveLength(1);
  });

  it('is repeated where the job is not there after a while', async () => {
    const names = await uploadForBatch(pipeline, 3);
    pipeline.model.behave({ batchCreate: 'lost' });
    await runBatch(pipeline);
    pipeline.model.behave({ batchCreate: 'heard' });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(pipeline.model.bill().total.calls).toBe(3);
  });
});

describe('an outage of Firestore in the middle of storing answers', () => {
  it('loses nothing and books each call once', async () => {
    const names = await uploadForBatch(pipeline, PICTURES);
    const isUnderWay = async () =>
      (await documentsOf(pipeline, names)).some(({ status }) => status === 'completed');
    void runUntil(pipeline, isUnderWay).catch(() => undefined);
    await runUntil(pipeline, isUnderWay);
    pipeline.cloud.firestore.setFault('unavailable');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    pipeline.cloud.firestore.setFault('none');
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    const { documents, books, bill } = await moneyOf(pipeline, names);
    expect([documents, books]).toEqual([bill, bill]);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
  });
});
