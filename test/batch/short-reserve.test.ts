import type { Timestamp } from '@google-cloud/firestore';
import { expect, it } from 'vitest';
import { startPipeline } from '../support/pipeline.ts';
import { batchOptions, documentsOf, uploadForBatch } from './batching.ts';

const RESERVE_MS = 60_000;

it('a picture that no batch takes is taken up by the sweep while its patience lasts, however short the reserve', async () => {
  const pipeline = await startPipeline(batchOptions({ env: { BATCH_RESERVE_MS: String(RESERVE_MS) } }));
  try {
    const [document = {}] = await documentsOf(pipeline, await uploadForBatch(pipeline, 1));
    const { since, patienceMs } = document['lane'] as { since: Timestamp; patienceMs: number };
    const endsAt = since.toMillis() + patienceMs;
    const dueAt = (document['dueAt'] as Timestamp).toMillis();
    expect(dueAt).toBeGreaterThan(endsAt - RESERVE_MS);
    expect(dueAt).toBeLessThanOrEqual(endsAt - RESERVE_MS / 2);
  } finally {
    await pipeline.close();
  }
});
