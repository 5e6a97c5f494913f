import { expect, it } from 'vitest';
import { DESCRIPTION, idOf } from '../support/pipeline.ts';
import {
  allEnded,
  documentsOf,
  expectBill,
  expectCalls,
  runUntil,
  startBatchPipeline,
  uploadForBatch,
} from './batching.ts';

it('an answer of a batch that Firestore refuses for good is paid for once, ends its picture and is kept as text', async () => {
  const pipeline = await startBatchPipeline();
  try {
    const names = await uploadForBatch(pipeline, 3);
    const [refused = ''] = names;
    pipeline.cloud.firestore.setRefusal((name, fields) =>
      name.endsWith(idOf(refused)) && fields['status']?.stringValue === 'completed'
        ? 'Property answer contains an invalid nested entity.'
        : undefined,
    );
    await runUntil(pipeline, async () =>
      (await documentsOf(pipeline, names)).every(({ status }) => status !== 'parked'),
    );
    await runUntil(pipeline, allEnded(pipeline));
    const [document, ...others] = await documentsOf(pipeline, names);
    expect(document).toMatchObject({ status: 'failed', failure: { code: 'STORE_REFUSED' } });
    expect(JSON.parse(String(document?.['answerText']))).toEqual(DESCRIPTION);
    expect(others).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    await expectCalls(pipeline, names, 'batch 0 ok');
    await expectBill(pipeline, names);
  } finally {
    await pipeline.close();
  }
});
