import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nanosOf } from '../../shared/prices/units.ts';
import { DESCRIPTION, type Pipeline, picture } from '../support/pipeline.ts';
import {
  allAre,
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

  it('and are the same as one that waits do not wait for it where their patience is short', async () => {
    const bytes = await picture(4_712, 90, 60);
    await pipeline.upload('patient.jpg', bytes, { lane: 'batch' });
    await pipeline.settled('patient.jpg');
    await pipeline.upload('hurried.jpg', bytes, { lane: 'batch', patience: '30m' });
    const document = await pipeline.settled('hurried.jpg');
    expect(document).toMatchObject({ status: 'completed', lane: { asked: 'batch', served: 'flex' } });
    await runUntil(pipeline, allAre(pipeline, ['patient.jpg'], 'completed'));
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

  it('wait in a job that is not created yet, when the pipeline is paused meanwhile', async () => {
    const names = await uploadForBatch(pipeline, 1);
    pipeline.model.behave({ batchCreate: 'quota' });
    await runBatch(pipeline);
    pipeline.model.behave({ batchCreate: 'heard' });
    await pipeline.firestore.doc('control/pipeline').set({ paused: true, reason: 'rest' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toMatchObject([{ state: 'creating' }]);
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
});
