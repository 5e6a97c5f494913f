import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerAlways, DESCRIPTION, type Pipeline } from '../support/pipeline.ts';
import { allAre, documentsOf, heldBy, jobsOf, moneyOf, runBatch, runUntil, startBatchPipeline, uploadForBatch } from './batching.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startBatchPipeline();
});
afterAll(() => pipeline.close());
beforeEach(() => {
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

describe('pictures of the lane batch', () => {
  it('wait, are sent as one job and are answered at half the price, to the nano-dollar', async () => {
    const names = await uploadForBatch(pipeline, 5);
    expect(await documentsOf(pipeline, names)).toMatchObject(
      names.map(() => ({ status: 'parked', failure: { code: 'BATCH_WAITING' }, lane: { asked: 'batch' } })),
    );
    expect(pipeline.modelCalls()).toBe(0);
    expect(await runBatch(pipeline)).toMatchObject({ begun: 1, waiting: 5 });
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
    const { documents: settled, books, bill } = await moneyOf(pipeline, names);
    expect(settled).toBe(bill);
    expect(books).toBe(bill);
    expect(await jobsOf(pipeline)).toMatchObject([
      { state: 'ended', outcome: 'succeeded', pictures: 5, counts: { answered: 5, superseded: 0 } },
    ]);
    expect(await heldBy(pipeline)).toEqual({});
  });
});
