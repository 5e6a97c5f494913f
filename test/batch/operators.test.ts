import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { type CliCloud, startCliCloud } from '../cli/command-line.ts';
import { answerAlways, DESCRIPTION, picture } from '../support/pipeline.ts';
import { allAre, batchOptions, jobsOf, runBatch, runUntil, uploadForBatch } from './batching.ts';

let cloud: CliCloud;
let client: PipelineClient;

beforeAll(async () => {
  cloud = await startCliCloud(batchOptions({ functions: ['resize-image', 'analyze-image', 'batch', 'api'] }));
  client = new PipelineClient({ baseUrl: cloud.cloud.url('api') });
});
afterAll(() => cloud.close());
beforeEach(() => {
  cloud.model.reset();
  answerAlways(cloud.model, DESCRIPTION);
});

const said = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await cloud.run(args);
  return stdout + stderr;
};

describe('a batch job', () => {
  it('is listed, shown and given up through the API and on the command line', async () => {
    expect(await said('batches', 'list')).toContain('No batch jobs; 0 pictures waiting');
    cloud.model.behave({ batchEnds: 'stuck' });
    const names = await uploadForBatch(cloud, 2);
    expect(await client.batches()).toMatchObject({ jobs: [], waiting: 2 });
    await runBatch(cloud);
    const { jobs, waiting } = await client.batches();
    expect(jobs).toMatchObject([{ state: 'running', pictures: 2, profile: 'describe', outcome: null }]);
    expect(waiting).toBe(0);
    const id = jobs[0]?.id ?? '';
    expect(await client.batch(id)).toMatchObject({ id, cancelRequested: false });
    expect(await said('batches', 'list')).toMatch(new RegExp(`${id} .*running +2 +0 %`));
    expect(await said('batches', 'show', id)).toMatch(/model +gemini-3.5-flash-lite \(developer\)/);
    expect(await said('batches', 'cancel', id)).toContain('goes by flex and standard');
    expect(await client.batch(id)).toMatchObject({ cancelRequested: true });
    await runUntil(cloud, allAre(cloud, names, 'completed'));
    await runUntil(cloud, async () => (await client.batch(id)).state === 'ended');
    expect(await client.batch(id)).toMatchObject({ outcome: 'cancelled', counts: { returned: 2 } });
    await expect(client.cancelBatch(id)).rejects.toMatchObject({ status: 409, code: 'BATCH_ENDED' });
    await expect(client.batch('batch-20261129-00000000-0000')).rejects.toMatchObject({ status: 404 });
    expect(await said('batches', 'show', id)).toMatch(/progress +100 %/);
    expect(await said('batches', 'cancel', id)).toContain('has ended');
    expect(await said('batches', 'show', 'batch-0')).toContain('There is no batch job batch-0');
  });
});

describe('pipeline upload and backfill', () => {
  it('send pictures by the lane batch', async () => {
    await writeFile(join(cloud.photos, 'one.jpg'), await picture(8_001));
    await cloud.run(['upload', 'one.jpg', '--lane', 'batch']);
    const isAnswered = ({ counts }: Record<string, unknown>) =>
      (counts as { answered: number }).answered === 1;
    await runUntil(cloud, async () => (await jobsOf(cloud)).some(isAnswered));
    const [name = ''] = await uploadForBatch(cloud, 1, { lane: 'standard', patience: '30s' });
    expect(await cloud.settled(name)).toMatchObject({ status: 'completed' });
    const { docs } = await cloud.firestore.collection('results').where('source.name', '==', name).get();
    await docs[0]?.ref.delete();
    await cloud.storage.bucket('prepared').deleteFiles({ prefix: docs[0]?.id ?? '' });
    const { stdout, code } = await cloud.run(['backfill', 'gs://uploads', '--lane', 'batch', '--yes']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 sent')]);
    expect(await cloud.settled(name)).toMatchObject({
      lane: { asked: 'batch' },
      failure: { code: 'BATCH_WAITING' },
    });
    await runUntil(cloud, allAre(cloud, [name], 'completed'));
    expect(await cloud.result(name)).toMatchObject({ lane: { served: 'batch' } });
  });
});
