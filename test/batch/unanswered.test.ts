import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DESCRIPTION, idOf, type Pipeline, picture } from '../support/pipeline.ts';
import {
  allAre,
  allEnded,
  callsOf,
  documentsOf,
  expectBill,
  expectCalls,
  heldBy,
  jobsOf,
  moneyOf,
  runBatch,
  runUntil,
  startBatchPipeline,
  startOver,
  UNSURE,
  uploadForBatch,
} from './batching.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startBatchPipeline();
});
afterAll(() => pipeline.close());
beforeEach(() => startOver(pipeline));

describe('pictures that a batch job does not answer', () => {
  it('are superseded by a newer upload: its picture is answered, and the call of the older one is booked', async () => {
    pipeline.model.behave({ batchPendingMs: 4_000 });
    const [name = ''] = await uploadForBatch(pipeline, 1);
    await runBatch(pipeline);
    await pipeline.upload(name, await picture(77, 200, 100), { lane: 'batch' });
    await pipeline.settled(name, ({ source }) => (source as { width?: number })?.width === 200);
    await runUntil(pipeline, allAre(pipeline, [name], 'completed'));
    await runUntil(pipeline, allEnded(pipeline));
    const [document] = await documentsOf(pipeline, [name]);
    expect(callsOf(document)).toEqual(['batch 0 ok']);
    expect(pipeline.model.bill().total.calls).toBe(2);
    const { books, bill } = await moneyOf(pipeline, [name]);
    expect(books).toBe(bill);
    expect((await jobsOf(pipeline)).map(({ counts }) => counts)).toContainEqual(
      expect.objectContaining({ superseded: 1, answered: 0 }),
    );
  });

  it('whose upload is deleted while their job runs leave nothing behind but the cost of the call', async () => {
    pipeline.model.behave({ batchPendingMs: 3_000 });
    const [name = '', other = ''] = await uploadForBatch(pipeline, 2);
    await runBatch(pipeline);
    await pipeline.storage.bucket('uploads').file(name).delete();
    await expect.poll(() => pipeline.result(name)).toBeUndefined();
    await runUntil(pipeline, allAre(pipeline, [other], 'completed'));
    await runUntil(pipeline, allEnded(pipeline));
    expect(await pipeline.result(name)).toBeUndefined();
    const { books, bill } = await moneyOf(pipeline, [other]);
    expect(books).toBe(bill);
  });

  it('are answered by another lane where a job expires twice, and nothing is paid for the jobs', async () => {
    pipeline.model.behave({ batchEnds: 'expired' });
    const names = await uploadForBatch(pipeline, 2);
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await expectCalls(pipeline, names, 'flex 0 ok');
    expect((await jobsOf(pipeline)).map(({ outcome }) => outcome)).toEqual(['expired', 'expired']);
    await expectBill(pipeline, names);
    for (const { id } of await jobsOf(pipeline))
      expect(await heldBy(pipeline)).not.toHaveProperty(String(id));
  });

  it('of which a job says nothing go into the next one', async () => {
    pipeline.model.behave({ batchLostShare: 1, batchPendingMs: 300 });
    const names = await uploadForBatch(pipeline, 2);
    await runBatch(pipeline);
    await expect.poll(() => pipeline.model.bill().total.calls).toBe(2);
    pipeline.model.behave({ batchLostShare: 0, batchPendingMs: 0 });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await expectCalls(pipeline, names, 'batch 0 ok');
    expect(await jobsOf(pipeline)).toHaveLength(2);
  });

  it('leave a job that a person gives up, and are answered by another lane', async () => {
    pipeline.model.behave({ batchEnds: 'stuck' });
    const names = await uploadForBatch(pipeline, 2);
    await runBatch(pipeline);
    const [job] = await jobsOf(pipeline);
    await pipeline.firestore.doc(`batches/${job?.['id']}`).update({ cancelRequestedAt: new Date() });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(await jobsOf(pipeline)).toMatchObject([{ outcome: 'cancelled', counts: { returned: 2 } }]);
    await expectCalls(pipeline, names, 'flex 0 ok');
  });

  it('leave a job whose deadline has come, however long Google would wait', async () => {
    pipeline.model.behave({ batchEnds: 'stuck' });
    const names = await uploadForBatch(pipeline, 2);
    await runBatch(pipeline);
    const [job] = await jobsOf(pipeline);
    await pipeline.firestore.doc(`batches/${job?.['id']}`).update({ deadline: new Date() });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(await jobsOf(pipeline)).toMatchObject([{ outcome: 'cancelled' }]);
    await expectCalls(pipeline, names, 'flex 0 ok');
  });

  it('whose patience is short are answered by flex at once', async () => {
    await pipeline.upload('hurry.jpg', await picture(31, 70, 50), { lane: 'batch', patience: '30m' });
    const document = await pipeline.settled('hurry.jpg');
    expect(callsOf(document)).toEqual(['flex 0 ok']);
    expect(document).toMatchObject({ status: 'completed', lane: { asked: 'batch', served: 'flex' } });
  });

  it('that come back unsure shortly before their patience ends are asked by flex about the next step only', async () => {
    pipeline.model.behave({
      batchPendingMs: 1_500,
      script: [{ json: UNSURE }, { json: DESCRIPTION, times: 9 }],
    });
    const [name = ''] = await uploadForBatch(pipeline, 1);
    await runBatch(pipeline);
    const hurried = new Date(Date.now() - 23.5 * 3_600_000);
    await pipeline.firestore.doc(`results/${idOf(name)}`).update({ 'lane.since': hurried });
    await runUntil(pipeline, allAre(pipeline, [name], 'completed'));
    const [document] = await documentsOf(pipeline, [name]);
    expect(callsOf(document)).toEqual(['batch 0 low-confidence', 'flex 1 ok']);
    await expectBill(pipeline, [name]);
  });
});
