import type { Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PREPARED_BUCKET } from '../../local/topology.ts';
import { preparedName } from '../../shared/results/id.ts';
import { labelPicture } from '../../shared/results/labels/label.ts';
import { DESCRIPTION, idOf, type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await startPipeline({
    functions: ['resize-image', 'analyze-image', 'api'],
    functionEnv: { api: { LABEL_RETENTION_DAYS: '365' } },
  });
});
afterAll(() => pipeline.close());

const { confidence: _stated, ...RIGHT } = DESCRIPTION;

async function answered(name: string, seed: number): Promise<string> {
  const generation = await pipeline.upload(name, await picture(seed));
  await pipeline.settled(
    name,
    (d) => d['status'] === 'completed' && (d['source'] as { generation: string }).generation === generation,
  );
  return generation;
}

const say = (name: string, verdict: object): Promise<Response> =>
  fetch(`${pipeline.cloud.url('api')}/v1/results/${idOf(name)}/feedback`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(verdict),
  });

const label = async (name: string) => (await pipeline.firestore.doc(`labels/${idOf(name)}`).get()).data();
const prepared = (name: string, generation: string) =>
  pipeline.storage.bucket(PREPARED_BUCKET).file(preparedName(idOf(name), generation));
const kept = async (name: string): Promise<string[]> => {
  const [files] = await pipeline.storage
    .bucket(PREPARED_BUCKET)
    .getFiles({ prefix: `labels/${idOf(name)}/` });
  return files.map((file) => file.name);
};
/** As their times to live do it. */
async function expire(name: string, generation: string): Promise<void> {
  await pipeline.firestore.doc(`results/${idOf(name)}`).delete();
  await prepared(name, generation).delete();
}

describe('an answer that a person finds right', () => {
  it('is a label with the bytes of its prepared picture', async () => {
    const generation = await answered('right.jpg', 1);
    expect((await say('right.jpg', { verdict: 'right' })).status).toBe(200);
    expect(await label('right.jpg')).toMatchObject({
      profile: 'describe',
      verdict: 'right',
      answer: RIGHT,
      source: { bucket: 'uploads', name: 'right.jpg', generation, uploader: null },
      by: null,
    });
    const name = labelPicture(idOf('right.jpg'), generation);
    expect(await kept('right.jpg')).toEqual([name]);
    const [copy] = await pipeline.storage.bucket(PREPARED_BUCKET).file(name).download();
    const [original] = await prepared('right.jpg', generation).download();
    expect(copy.equals(original)).toBe(true);
  });

  it('expires with the retention that is set', async () => {
    const { at, expireAt } = (await label('right.jpg')) as { at: Timestamp; expireAt: Timestamp };
    expect(expireAt.seconds - at.seconds).toBe(365 * 86_400);
  });

  it('carries its corrections', async () => {
    await answered('corrected.jpg', 2);
    await say('corrected.jpg', { verdict: 'corrected', fields: { visibleText: 'A-7' } });
    expect(await label('corrected.jpg')).toMatchObject({
      verdict: 'corrected',
      answer: { ...RIGHT, visibleText: 'A-7' },
    });
  });

  it('asks no model about the picture that is kept', async () => {
    const before = pipeline.modelCalls();
    await answered('asked-once.jpg', 3);
    await say('asked-once.jpg', { verdict: 'right' });
    await pipeline.cloud.pubsub.idle();
    expect(pipeline.modelCalls()).toBe(before + 1);
  });

  it('outlives its result and its prepared picture, until the upload is deleted', async () => {
    const generation = await answered('outlives.jpg', 4);
    await say('outlives.jpg', { verdict: 'right' });
    await expire('outlives.jpg', generation);
    expect(await label('outlives.jpg')).toBeDefined();
    expect(await kept('outlives.jpg')).toHaveLength(1);
    await pipeline.storage.bucket('uploads').file('outlives.jpg').delete();
    await pipeline.cloud.pubsub.idle();
    expect(await label('outlives.jpg')).toBeUndefined();
    expect(await kept('outlives.jpg')).toEqual([]);
  });

  it('is deleted through the API although the result has expired', async () => {
    const generation = await answered('by-api.jpg', 5);
    await say('by-api.jpg', { verdict: 'right' });
    await expire('by-api.jpg', generation);
    const url = `${pipeline.cloud.url('api')}/v1/images/${idOf('by-api.jpg')}`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(await label('by-api.jpg')).toBeUndefined();
    expect(await kept('by-api.jpg')).toEqual([]);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(404);
  });

  it.each([
    ['the deletion of the upload', 'lost-upload.jpg'],
    ['a deletion through the API', 'lost-api.jpg'],
  ])('goes with %s although its kept picture was lost', async (how, name) => {
    await answered(name, how.length);
    await say(name, { verdict: 'right' });
    await pipeline.storage.bucket(PREPARED_BUCKET).deleteFiles({ prefix: `labels/${idOf(name)}/` });
    expect(await label(name)).toBeDefined();
    if (name === 'lost-api.jpg')
      await fetch(`${pipeline.cloud.url('api')}/v1/images/${idOf(name)}`, { method: 'DELETE' });
    else await pipeline.storage.bucket('uploads').file(name).delete();
    await pipeline.cloud.pubsub.idle();
    expect(await label(name)).toBeUndefined();
  });

  it('takes its verdict along when another picture replaces its own', async () => {
    await answered('verdict.jpg', 21);
    await say('verdict.jpg', { verdict: 'right' });
    await answered('verdict.jpg', 22);
    expect(await pipeline.result('verdict.jpg')).not.toHaveProperty('feedback');
  });

  it('is no label any more when somebody finds it wrong', async () => {
    await answered('doubted.jpg', 6);
    await say('doubted.jpg', { verdict: 'right' });
    await say('doubted.jpg', { verdict: 'wrong' });
    expect(await label('doubted.jpg')).toBeUndefined();
    expect(await kept('doubted.jpg')).toEqual([]);
  });

  it('says nothing of the picture that replaces its own', async () => {
    await answered('replaced.jpg', 7);
    await say('replaced.jpg', { verdict: 'right' });
    const second = await answered('replaced.jpg', 8);
    await pipeline.cloud.pubsub.idle();
    expect(await label('replaced.jpg')).toBeUndefined();
    expect(await kept('replaced.jpg')).toEqual([]);
    await say('replaced.jpg', { verdict: 'right' });
    expect(await kept('replaced.jpg')).toEqual([labelPicture(idOf('replaced.jpg'), second)]);
  });

  it('judged again keeps the picture that it has, when the prepared one is gone', async () => {
    const generation = await answered('again.jpg', 9);
    await say('again.jpg', { verdict: 'right' });
    await prepared('again.jpg', generation).delete();
    await say('again.jpg', { verdict: 'corrected', fields: { visibleText: 'B' } });
    expect(await label('again.jpg')).toMatchObject({ answer: { visibleText: 'B' } });
    expect(await kept('again.jpg')).toHaveLength(1);
  });

  it('is a verdict and no label where no picture is left to keep', async () => {
    const generation = await answered('late.jpg', 10);
    await prepared('late.jpg', generation).delete();
    expect((await say('late.jpg', { verdict: 'right' })).status).toBe(200);
    expect(await label('late.jpg')).toBeUndefined();
    expect((await pipeline.result('late.jpg'))?.['feedback']).toMatchObject({ verdict: 'right' });
  });
});

describe('a crash after the picture was kept and before the verdict was stored', () => {
  it('leaves a picture that the next verdict takes', async () => {
    const generation = await answered('crashed.jpg', 11);
    const name = labelPicture(idOf('crashed.jpg'), generation);
    await prepared('crashed.jpg', generation).copy(pipeline.storage.bucket(PREPARED_BUCKET).file(name));
    await say('crashed.jpg', { verdict: 'right' });
    expect(await label('crashed.jpg')).toMatchObject({ picture: { name } });
    expect(await kept('crashed.jpg')).toEqual([name]);
  });

  it('leaves nothing once somebody finds the answer wrong, or the upload is deleted', async () => {
    for (const [i, name] of ['wrong-then.jpg', 'deleted-then.jpg'].entries()) {
      const generation = await answered(name, 12 + i);
      const copy = labelPicture(idOf(name), generation);
      await prepared(name, generation).copy(pipeline.storage.bucket(PREPARED_BUCKET).file(copy));
    }
    await say('wrong-then.jpg', { verdict: 'wrong' });
    await pipeline.storage.bucket('uploads').file('deleted-then.jpg').delete();
    await pipeline.cloud.pubsub.idle();
    expect([...(await kept('wrong-then.jpg')), ...(await kept('deleted-then.jpg'))]).toEqual([]);
  });
});
