import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pipeline } from '../support/pipeline.ts';
import {
  allAre,
  allEnded,
  expectBill,
  jobsOf,
  runBatch,
  runUntil,
  startBatchPipeline,
  uploadForBatch,
} from './batching.ts';

/** Far less than a lease, in milliseconds: nothing has waited for its end. */
const SOON_MS = 8_000;

let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await startBatchPipeline();
});
afterEach(() => pipeline.close());

describe('a job whose end could not be written ends by the next run', () => {
  it('with its answers, which are not thrown away before', async () => {
    const names = await uploadForBatch(pipeline, 2);
    pipeline.cloud.firestore.setRefusal((name, fields) =>
      name.includes('/batches/') && fields['state']?.stringValue === 'ended' ? 'Not now.' : undefined,
    );
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toMatchObject([{ state: 'settling' }]);
    pipeline.cloud.firestore.setRefusal(() => undefined);
    await runUntil(pipeline, allEnded(pipeline), SOON_MS);
    await expectBill(pipeline, names);
  });

  it('at once, also where the run could not let go of it either', async () => {
    const names = await uploadForBatch(pipeline, 2);
    let isAway = false;
    pipeline.cloud.firestore.setRefusal((name, fields) => {
      if (!name.includes('/batches/')) return undefined;
      isAway ||= fields['state']?.stringValue === 'ended';
      return isAway ? 'Not now.' : undefined;
    });
    await runUntil(pipeline, async () => isAway);
    expect(await jobsOf(pipeline)).toMatchObject([{ state: 'settling', lease: expect.anything() }]);
    pipeline.cloud.firestore.setRefusal(() => undefined);
    await runUntil(pipeline, allEnded(pipeline), SOON_MS);
    await expectBill(pipeline, names);
  });
});
