import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PREPARED_BUCKET, UPLOADS_BUCKET } from '../../local/topology.ts';
import type { Write } from '../../shared/cloud/firestore/documents.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { preparedName } from '../../shared/results/id.ts';
import { idOf, type Pipeline, picture } from '../support/pipeline.ts';
import { batchEnv, jobsOf, moneyOf, runBatch, startBatchPipeline, uploadForBatch } from './batching.ts';

/** As many as one job of a usual deployment may have. */
const PICTURES = 10_000;
const MAX_BYTES = 256 * 1024 * 1024;
/** A result that is complete has had four operations before its picture waits for a batch, and one for its answer's place. */
const BEFORE_BATCH = 5;

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startBatchPipeline({
    functionEnv: { batch: { ...batchEnv, FUNCTION_TIMEOUT_MS: '500000', DAILY_BUDGET_USD: 'none' } },
  });
});
afterAll(() => pipeline.close());

/** Copies of a picture that waits, each with a prepared picture of its own: ten thousand uploads would take an hour. */
async function copiesOf(name: string): Promise<void> {
  const id = idOf(name);
  const documents = new Documents({ projectId: 'local' });
  const stored = await documents.get(`results/${id}`);
  const bytes = await picture(1, 400, 300);
  const bucket = pipeline.storage.bucket(PREPARED_BUCKET);
  const source = stored?.data['source'] as { generation: string };
  let writes: Write[] = [];
  const saves: Promise<unknown>[] = [];
  for (let n = 1; n < PICTURES; n += 1) {
    const copy = `copy-${n}.jpg`;
    const target = preparedName(idOf(copy), source.generation);
    saves.push(bucket.file(target).save(bytes, { resumable: false }));
    if (saves.length >= 50) await Promise.all(saves.splice(0));
    const prepared = { ...(stored?.data['prepared'] as object), name: target, bytes: bytes.length };
    const data = { ...stored?.data, source: { ...source, bucket: UPLOADS_BUCKET, name: copy }, prepared };
    writes.push({ kind: 'create', path: `results/${idOf(copy)}`, data });
    if (writes.length < 400 && n < PICTURES - 1) continue;
    await documents.commit(writes);
    writes = [];
  }
  await Promise.all(saves);
  await documents.close();
}

describe('a job of 10,000 pictures', () => {
  it('stays within 256 MiB, and within 10 operations of Firestore for each picture', async () => {
    const [name = ''] = await uploadForBatch(pipeline, 1);
    Object.assign(process.env, pipeline.cloud.clientEnv);
    await copiesOf(name);
    const operations = (): number => {
      const { reads, writes } = pipeline.cloud.firestore.operations();
      return reads + writes;
    };
    const before = operations();
    let peak = 0;
    const meter = setInterval(() => {
      peak = Math.max(peak, pipeline.cloud.supervisor.memory('batch'));
    }, 100);
    const startedAt = Date.now();
    while ((await jobsOf(pipeline)).every(({ state }) => state !== 'ended')) {
      await runBatch(pipeline);
      if (Date.now() - startedAt > 900_000) throw new Error(JSON.stringify(await jobsOf(pipeline)));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    clearInterval(meter);
    const perPicture = BEFORE_BATCH + (operations() - before) / PICTURES;
    const [job] = await jobsOf(pipeline);
    expect(job).toMatchObject({ pictures: PICTURES, counts: { answered: PICTURES, superseded: 0 } });
    const { books, bill } = await moneyOf(pipeline, [name]);
    expect(books).toBe(bill);
    expect(pipeline.model.bill().total.calls).toBe(PICTURES);
    expect(perPicture).toBeLessThanOrEqual(10);
    // Less than any Node process needs would mean that nothing was measured.
    expect(peak).toBeGreaterThan(50_000_000);
    expect(peak).toBeLessThanOrEqual(MAX_BYTES);
  }, 1_200_000);
});
