import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createVertexBatches } from '../../functions/batch/apis/vertex-batches.ts';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { openStoredFiles, openStoredObjects } from '../../local/gemini/stored-files.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { composePrompt, requestAt } from '../../shared/model/prompt.ts';
import { NO_IMAGE } from '../../shared/model/request.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import { answerAlways, DESCRIPTION, type Pipeline } from '../support/pipeline.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';
import {
  allAre,
  allEnded,
  batchEnv,
  documentsOf,
  expectBill,
  expectCalls,
  jobsOf,
  runBatch,
  runUntil,
  startBatchPipeline,
  uploadForBatch,
} from './batching.ts';

let tokens: TokenServer;
let vertex: GeminiSimulator;
let pipeline: Pipeline;

beforeAll(async () => {
  tokens = await startTokenServer();
  vertex = await startGeminiSimulator({
    openFile: (uri, signal) => openStoredFiles(pipeline.cloud.storage.url)(uri, signal),
    objects: () => openStoredObjects(pipeline.cloud.storage.url),
  });
  const env = {
    GEMINI_BACKEND: 'vertex',
    VERTEX_BASE_URL: vertex.url,
    GOOGLE_APPLICATION_CREDENTIALS: tokens.credentials,
  };
  pipeline = await startBatchPipeline({
    functionEnv: { 'analyze-image': env, batch: { ...batchEnv, ...env } },
  });
});
afterAll(async () => {
  await pipeline.close();
  await vertex.close();
  await tokens.close();
});
beforeEach(() => {
  vertex.reset();
  answerAlways(vertex, DESCRIPTION);
});

const objectsOfBatches = async (): Promise<string[]> => {
  const [files] = await pipeline.storage.bucket('prepared').getFiles({ prefix: 'batches/' });
  return files.map(({ name }) => name);
};

describe('with Vertex AI', () => {
  it('pictures are named to the job, not sent, and nothing of it is left in the bucket', async () => {
    const names = await uploadForBatch(pipeline, 30);
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    await runUntil(pipeline, allEnded(pipeline));
    for (const document of await documentsOf(pipeline, names))
      expect(document).toMatchObject({ answer: DESCRIPTION, lane: { served: 'batch' } });
    expect(await jobsOf(pipeline)).toMatchObject([
      { api: 'vertex', outcome: 'succeeded', name: expect.stringMatching(/batchPredictionJobs\/\d+$/) },
    ]);
    await expectBill({ ...pipeline, model: vertex }, names);
    expect(await objectsOfBatches()).toEqual([]);
  });

  it('no picture is named by digits alone, which come back as a number', () => {
    const buckets = new Buckets();
    const { line } = createVertexBatches({ project: 'p', location: 'global', bucket: 'prepared', buckets });
    const [profile] = allProfiles();
    if (!profile) throw new Error('There is no profile.');
    const request = requestAt({ prompt: composePrompt(profile), image: NO_IMAGE }, profile.ladder[0]);
    const picture = { bucket: 'prepared', name: '0123/1.jpg', bytes: 1 };
    const { head } = line('01234567890123456789012345678901', request, picture);
    expect(JSON.parse(head)).toMatchObject({ key: expect.stringMatching(/^[a-z]\d{32}$/) });
  });

  it('a creation whose answer was lost is found by its name', async () => {
    const names = await uploadForBatch(pipeline, 2);
    vertex.behave({ batchCreate: 'unheard' });
    await runBatch(pipeline);
    vertex.behave({ batchCreate: 'heard' });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(vertex.bill().total.calls).toBe(2);
    await expectCalls(pipeline, names, 'batch 0 ok');
  });

  it('a job that fails as a whole costs nothing, and its pictures go into another one', async () => {
    vertex.behave({ batchEnds: 'failed' });
    const names = await uploadForBatch(pipeline, 2);
    const hasFailed = async () => (await jobsOf(pipeline)).some(({ outcome }) => outcome === 'failed');
    await runUntil(pipeline, hasFailed);
    vertex.behave({ batchEnds: 'answered' });
    await runUntil(pipeline, allAre(pipeline, names, 'completed'));
    expect(vertex.bill().total.calls).toBe(2);
    await expectCalls(pipeline, names, 'batch 0 ok');
  });
});
