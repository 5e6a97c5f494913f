import { expect, it } from 'vitest';
import { answerAlways, DESCRIPTION } from '../support/pipeline.ts';
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

it('a job whose end could not be written ends by the next run: its answers are not thrown away before', async () => {
  const pipeline = await startBatchPipeline();
  try {
    answerAlways(pipeline.model, DESCRIPTION);
    const names = await uploadForBatch(pipeline, 2);
    pipeline.cloud.firestore.setRefusal((name, fields) =>
      name.includes('/batches/') && fields['state']?.stringValue === 'ended' ? 'Not now.' : undefined,
    );
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await runBatch(pipeline);
    expect(await jobsOf(pipeline)).toMatchObject([{ state: 'settling' }]);
    pipeline.cloud.firestore.setRefusal(() => undefined);
    await runUntil(pipeline, allEnded(pipeline), 8_000);
    await expectBill(pipeline, names);
  } finally {
    await pipeline.close();
  }
});
