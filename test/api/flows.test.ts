import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Results } from '../../shared/results/results.ts';
import { answerAlways, DESCRIPTION, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';
import { answered, idNumber, resultAt } from './documents.ts';

let pipeline: Pipeline;
let client: PipelineClient;

beforeAll(async () => {
  pipeline = await startPipeline({ functions: ['api', 'resize-image', 'analyze-image'] });
  client = new PipelineClient({ baseUrl: pipeline.cloud.url('api') });
});

afterAll(() => pipeline.close());

const blobOf = (bytes: Buffer) => new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });

const answeredPicture = async (seed: number) => {
  const { id, name } = await client.submit(blobOf(await picture(seed)));
  const result = await client.waitFor(id, 60_000);
  expect(result?.status).toBe('completed');
  return { id, name };
};

const preparedOf = async (id: string): Promise<string[]> =>
  (await pipeline.storage.bucket('prepared').getFiles({ prefix: `${id}/` }))[0].map(({ name }) => name);

const generationOf = (document: Record<string, unknown>): string =>
  (document['source'] as { generation: string }).generation;

describe('over HTTP alone', () => {
  it('a picture is submitted, answered, judged, answered again and judged anew', async () => {
    const { id } = await answeredPicture(11);
    await client.feedback(id, { verdict: 'wrong', note: 'it is a shelf' });
    answerAlways(pipeline.model, { ...DESCRIPTION, caption: 'A shelf.' });
    expect(await client.replay(id)).toMatchObject({ id, status: 'queued', from: 'analyze' });
    await vi.waitFor(async () => {
      const result = await client.waitFor(id, 60_000);
      expect(result).toMatchObject({ status: 'completed', answer: { caption: 'A shelf.' } });
      expect(result).toMatchObject({ feedback: { verdict: 'wrong', isCurrent: false } });
    }, 60_000);
    answerAlways(pipeline.model, DESCRIPTION);
  });

  it('the same picture is asked about again when the submit says so', async () => {
    const bytes = blobOf(await picture(12));
    await client.waitFor((await client.submit(bytes)).id, 60_000);
    const calls = pipeline.modelCalls();
    await client.waitFor((await client.submit(bytes)).id, 60_000);
    expect(pipeline.modelCalls()).toBe(calls);
    await client.waitFor((await client.submit(bytes, { refresh: true })).id, 60_000);
    expect(pipeline.modelCalls()).toBe(calls + 1);
  });

  it('a picture is deleted with everything made from it', async () => {
    const { id } = await answeredPicture(13);
    expect(await preparedOf(id)).toHaveLength(1);
    await client.delete(id);
    expect(await client.result(id)).toBeUndefined();
    await vi.waitFor(async () => expect(await preparedOf(id)).toEqual([]), 60_000);
  });

  it('so is one whose upload went before, when its retention ended', async () => {
    const { id, name } = await answeredPicture(14);
    const document = (await pipeline.result(name)) ?? {};
    await pipeline.storage.bucket('uploads').file(name).delete();
    await vi.waitFor(async () => expect(await preparedOf(id)).toEqual([]), 60_000);
    // As if nobody had told of it then.
    await pipeline.storage
      .bucket('prepared')
      .file(`${id}/${generationOf(document)}.jpg`)
      .save('x');
    await pipeline.firestore.doc(`results/${id}`).set(document);
    await client.delete(id);
    expect(await client.result(id)).toBeUndefined();
    await vi.waitFor(async () => expect(await preparedOf(id)).toEqual([]), 60_000);
  });
});

describe('feedback', () => {
  it('stays when the image is being worked on and its answer is written after', async () => {
    vi.stubEnv('FIRESTORE_EMULATOR_HOST', pipeline.cloud.firestore.host);
    const documents = new Documents({ projectId: 'local' });
    const results = new Results(documents, { maxExecutions: 5, retentionDays: 0 });
    const id = idNumber(77);
    const now = Date.now();
    const { source, profile, profileVersion } = resultAt(now);
    const outcome = await results.claimUpload({ id, source, profile, profileVersion }, 60_000);
    if (outcome.kind !== 'claimed') throw new Error(outcome.kind);
    const { answer, model, attempts, timings } = answered(now);
    await pipeline.firestore.doc(`results/${id}`).update({ answer });
    await client.feedback(id, { verdict: 'right' });
    if (!answer || !model || !attempts || !timings) throw new Error('no answer');
    await results.complete(outcome.claim, {
      answer,
      partial: false,
      profileVersion: 1,
      model,
      attempts,
      timings,
    });
    expect(await client.result(id)).toMatchObject({ status: 'completed', feedback: { verdict: 'right' } });
    await documents.close();
  });
});
