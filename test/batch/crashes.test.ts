import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UPLOADS_BUCKET } from '../../local/topology.ts';
import { type Pipeline, picture } from '../support/pipeline.ts';
import {
  allAre,
  allEnded,
  batchEnv,
  documentsOf,
  expectBill,
  expectCalls,
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
    await runUntil(pipeline, allEnded(pipeline));
    expect(pipeline.cloud.supervisor.restarts('batch')).toBeGreaterThan(0);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
    await expectBill(pipeline, names);
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
    await runUntil(pipeline, allEnded(pipeline));
    // One kill may come before the process has heard of the one before.
    expect(pipeline.cloud.supervisor.restarts('batch')).toBeGreaterThan(2);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
    await expectBill(pipeline, names);
    expect(await heldBy(pipeline)).toEqual({});
  });
});

describe('kill -9 of batch between the answers and its word of them', () => {
  it('books each call once, also of pictures that are written over or deleted before it goes on', async () => {
    const names = await uploadForBatch(pipeline, 40);
    let isStored = false;
    // The first commit with answers is the last word of the job.
    pipeline.cloud.firestore.setRefusal((name, fields) => {
      if (/\/batches\/[^/]+$/.test(name)) return isStored ? 'The job cannot be written.' : undefined;
      isStored ||= fields['status']?.stringValue === 'completed';
      return undefined;
    });
    await runUntil(pipeline, async () => isStored);
    pipeline.cloud.supervisor.kill('batch');
    const [overwritten, deleted, kept] = [names.slice(0, 5), names.slice(5, 10), names.slice(10)];
    for (const [i, name] of overwritten.entries()) await pipeline.upload(name, await picture(i, 200 + i, 48));
    const uploads = pipeline.storage.bucket(UPLOADS_BUCKET);
    for (const name of deleted) await uploads.file(name).delete();
    await expect
      .poll(() => Promise.all(deleted.map(pipeline.result)), { timeout: 30_000 })
      .toEqual(deleted.map(() => undefined));
    pipeline.cloud.firestore.setRefusal(undefined);
    await runUntil(pipeline, allEnded(pipeline));
    await runUntil(pipeline, allAre(pipeline, [...overwritten, ...kept], 'completed'));
    const { books, bill } = await moneyOf(pipeline, []);
    expect(books).toBe(bill);
    expect(pipeline.model.bill().total.calls).toBe(names.length + overwritten.length);
  });
});

/** How often Google was told to create a job. */
const creations = (): number =>
  pipeline.model.calls().filter(({ action }) => action === 'batchGenerateContent').length;

describe('a creation of which nobody knows what became', () => {
  it('is looked for by its name, not repeated', async () => {
    const names = await uploadForBatch(pipeline, 3);
    pipeline.model.behave({ batchCreate: 'unheard' });
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toMatchObject([{ state: 'creating', triedAt: expect.anything() }]);
    pipeline.model.behave({ batchCreate: 'heard' });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(pipeline.model.bill().total.calls).toBe(3);
    expect(creations()).toBe(1);
    await expectCalls(pipeline, names, 'batch 0 ok');
  });

  it('is repeated where the job is not there after a while', async () => {
    const names = await uploadForBatch(pipeline, 3);
    pipeline.model.behave({ batchCreate: 'lost' });
    await runBatch(pipeline);
    pipeline.model.behave({ batchCreate: 'heard' });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(pipeline.model.bill().total.calls).toBe(3);
    expect(creations()).toBe(2);
    await expectCalls(pipeline, names, 'batch 0 ok');
  });
});

describe('an outage of Firestore in the middle of storing answers', () => {
  it('loses nothing and books each call once', async () => {
    const names = await uploadForBatch(pipeline, PICTURES);
    const stored = Promise.withResolvers<number>();
    const stop = pipeline.firestore.collection('results').onSnapshot((snapshot) => {
      const completed = snapshot.docs.filter((doc) => doc.data()['status'] === 'completed').length;
      if (completed === 0) return;
      pipeline.cloud.firestore.setFault('unavailable');
      stored.resolve(completed);
    }, stored.reject);
    let isOver = false;
    const run = runUntil(pipeline, async () => isOver);
    const completed = await stored.promise;
    expect(completed).toBeLessThan(PICTURES);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    stop();
    pipeline.cloud.firestore.setFault('none');
    expect((await documentsOf(pipeline, names)).filter(({ status }) => status === 'completed')).toHaveLength(
      completed,
    );
    isOver = true;
    await run;
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await expectBill(pipeline, names);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
  });
});
