import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nanosOf } from '../../shared/prices/units.ts';
import { answerAlways, DESCRIPTION, idOf, type Pipeline, picture } from '../support/pipeline.ts';
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
  uploadForBatch,
} from './batching.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startBatchPipeline();
});
afterAll(() => pipeline.close());
beforeEach(async () => {
  await runUntil(pipeline, allEnded(pipeline));
  for (const collection of ['batches', 'spend', 'answers'])
    await pipeline.firestore.recursiveDelete(pipeline.firestore.collection(collection));
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

const UNSURE = { ...DESCRIPTION, confidence: 0 };

describe('pictures of the lane batch', () => {
  it('wait, are sent as one job and are answered at half the price, to the nano-dollar', async () => {
    const names = await uploadForBatch(pipeline, 5);
    expect(await documentsOf(pipeline, names)).toMatchObject(
      names.map(() => ({ status: 'parked', failure: { code: 'BATCH_WAITING' }, lane: { asked: 'batch' } })),
    );
    expect(pipeline.modelCalls()).toBe(0);
    pipeline.model.behave({ batchPendingMs: 1_500 });
    expect(await runBatch(pipeline)).toMatchObject({ begun: 1, waiting: 5 });
    const [begun] = await jobsOf(pipeline);
    expect(await heldBy(pipeline)).toEqual({
      [begun?.['id'] ?? '']: nanosOf(Number(begun?.['reservedUsd'])),
    });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    const documents = await documentsOf(pipeline, names);
    for (const document of documents) {
      expect(document).toMatchObject({
        answer: DESCRIPTION,
        lane: { asked: 'batch', served: 'batch' },
        attempts: [{ lane: 'batch', outcome: 'ok', step: 0 }],
      });
      expect(document).not.toHaveProperty('batch');
      expect(document).not.toHaveProperty('failure');
      expect(document).not.toHaveProperty('parked');
    }
    const { prompt, candidates, thoughts } = pipeline.model.bill().total;
    // Published 2026-05-01 for gemini-3.5-flash-lite by batch: $0.15 and $1.25 a million tokens.
    const bill = Math.round(prompt * 150 + (candidates + thoughts) * 1_250);
    expect(bill).toBeGreaterThan(0);
    expect(await moneyOf(pipeline, names)).toEqual({ documents: bill, books: bill, bill });
    expect(await jobsOf(pipeline)).toMatchObject([
      { state: 'ended', outcome: 'succeeded', pictures: 5, counts: { answered: 5, superseded: 0 } },
    ]);
    expect(await heldBy(pipeline)).toEqual({});
  });

  it('that are not answered with confidence climb in the next job, and what was answered is not asked again', async () => {
    pipeline.model.behave({
      script: [
        { json: UNSURE, times: 2 },
        { json: DESCRIPTION, times: 100 },
      ],
    });
    const names = await uploadForBatch(pipeline, 2);
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    for (const document of await documentsOf(pipeline, names)) {
      expect(callsOf(document)).toEqual(['batch 0 low-confidence', 'batch 1 ok']);
      expect(document).toMatchObject({ model: { step: 1 }, lane: { served: 'batch' } });
    }
    expect(await jobsOf(pipeline)).toHaveLength(2);
    await expectBill(pipeline, names);
  });

  it('that are answered in the wrong form are repaired by the next job', async () => {
    pipeline.model.behave({ script: [{ json: {} }, { json: DESCRIPTION, times: 100 }] });
    const names = await uploadForBatch(pipeline, 1);
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(callsOf((await documentsOf(pipeline, names))[0])).toEqual(['batch 0 invalid', 'batch 0 ok']);
    await expectBill(pipeline, names);
  });

  it('that the model refuses end refused, with the same reason as in any lane', async () => {
    pipeline.model.behave({ script: [{ fault: 'safety' }] });
    const names = await uploadForBatch(pipeline, 1);
    await runUntil(pipeline, allAre(pipeline, names, 'refused'));
    const [document] = await documentsOf(pipeline, names);
    expect(document).toMatchObject({ failure: { code: 'MODEL_BLOCKED' } });
    await expectBill(pipeline, names);
  });

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

  it('wait for one answer where they are the same, and pay for it once', async () => {
    const bytes = await picture(4_711, 90, 60);
    const names = ['same-a.jpg', 'same-b.jpg'];
    for (const name of names) {
      await pipeline.upload(name, bytes, { lane: 'batch' });
      await pipeline.settled(name);
    }
    await pipeline.settled('same-b.jpg', ({ batch }) => (batch as { group?: string }).group === 'repeats');
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(pipeline.model.bill().total.calls).toBe(1);
    const documents = await documentsOf(pipeline, names);
    expect(documents.map((document) => callsOf(document).at(-1)).sort()).toEqual([
      'batch 0 ok',
      'standard 0 cache',
    ]);
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

  it('wait while Google takes no more jobs', async () => {
    pipeline.model.behave({ batchCreate: 'quota' });
    const names = await uploadForBatch(pipeline, 1);
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toMatchObject([
      { state: 'creating', problem: expect.stringContaining('quota') },
    ]);
    pipeline.model.behave({ batchCreate: 'heard' });
    const [job] = await jobsOf(pipeline);
    await pipeline.firestore.doc(`batches/${job?.['id']}`).update({ notBefore: new Date() });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await expectCalls(pipeline, names, 'batch 0 ok');
  });

  it('wait while the pipeline is paused', async () => {
    const names = await uploadForBatch(pipeline, 1);
    await pipeline.firestore.doc('control/pipeline').set({ paused: true, reason: 'rest' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await runBatch(pipeline)).toMatchObject({ begun: 0, paused: true });
    await pipeline.firestore.doc('control/pipeline').delete();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await expectCalls(pipeline, names, 'batch 0 ok');
  });

  it('wait, and are not sent, while the budget of the day has no room for them', async () => {
    await pipeline.firestore.doc('control/budget').set({ dailyUsd: 0.0001 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const names = await uploadForBatch(pipeline, 2);
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toEqual([]);
    expect(await documentsOf(pipeline, names)).toMatchObject(
      names.map(() => ({ status: 'parked', failure: { code: 'BATCH_WAITING' } })),
    );
    await pipeline.firestore.doc('control/budget').delete();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await expectCalls(pipeline, names, 'batch 0 ok');
    await expectBill(pipeline, names);
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
