import { expect, it } from 'vitest';
import {
  allAre,
  allEnded,
  expectBill,
  expectCalls,
  heldBy,
  jobsOf,
  runBatch,
  runUntil,
  startBatchPipeline,
  uploadForBatch,
} from './batching.ts';

const PICTURES = 60;
const RUNS = 40;
const EVERY_MS = 50;

/** A run that the schedule calls and one that a bell calls may be in the same process: neither touches the other's job. */
it('runs of batch at once in one process create each job once and pay each picture once', async () => {
  const pipeline = await startBatchPipeline();
  try {
    const names = await uploadForBatch(pipeline, PICTURES);
    await Promise.all(
      Array.from({ length: RUNS }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i * EVERY_MS));
        await runBatch(pipeline);
      }),
    );
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await runUntil(pipeline, allEnded(pipeline));
    const creations = pipeline.model.calls().filter(({ action }) => action === 'batchGenerateContent');
    expect(creations).toHaveLength((await jobsOf(pipeline)).length);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
    await expectCalls(pipeline, names, 'batch 0 ok');
    await expectBill(pipeline, names);
    expect(await heldBy(pipeline)).toEqual({});
  } finally {
    await pipeline.close();
  }
});
