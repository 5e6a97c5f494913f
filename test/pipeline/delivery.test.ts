import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  answerAlways,
  DESCRIPTION,
  idOf,
  type Pipeline,
  picture,
  startPipeline,
} from '../support/pipeline.ts';

let pipeline: Pipeline;

const MAX_BYTES = 1_000_000;

beforeAll(async () => {
  pipeline = await startPipeline({ env: { MAX_BYTES: String(MAX_BYTES) } });
});
afterAll(() => pipeline.close());
beforeEach(() => {
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

describe('an upload', () => {
  it('becomes one typed result with the facts of its picture', async () => {
    await pipeline.upload('describe/shop window.jpg', await picture(1, 3000, 2000), { uploader: 'ana' });
    const result = await pipeline.settled('describe/shop window.jpg');
    expect(result).toMatchObject({
      status: 'completed',
      profile: 'describe',
      answer: DESCRIPTION,
      source: {
        name: 'describe/shop window.jpg',
        uploader: 'ana',
        format: 'jpeg',
        width: 3000,
        height: 2000,
      },
      prepared: {
        bucket: 'prepared',
        width: 2048,
        height: 1365,
        reencoded: true,
        preparation: 'faithful',
        quality: 85,
      },
      model: { requested: 'gemini-3.5-flash-lite', step: 0, confidence: 0.9 },
    });
    expect(result['attempts']).toHaveLength(1);
    expect(pipeline.modelCalls()).toBe(1);
  });

  it.each([
    ['', null],
    ['  ', null],
    ['__all__', '__all__'],
    ['a'.repeat(300), 'a'.repeat(254)],
  ])('is answered once whatever its metadata says of the uploader (%j)', async (uploader, recorded) => {
    const name = `uploaders/${uploader.length}.jpg`;
    await pipeline.upload(name, await picture(400 + uploader.length), { uploader });
    expect(await pipeline.settled(name)).toMatchObject({
      status: 'completed',
      source: { uploader: recorded },
      attempts: [{ outcome: 'ok' }],
    });
  });

  it('delivered twice and three times at once is answered once', async () => {
    const bytes = await picture(2);
    const generation = await pipeline.upload('twice.jpg', bytes);
    await Promise.all([1, 2, 3].map(() => pipeline.notify('twice.jpg', generation, bytes.length)));
    await pipeline.settled('twice.jpg');
    await pipeline.notify('twice.jpg', generation, bytes.length);
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('twice.jpg')).toMatchObject({ status: 'completed', source: { generation } });
    expect(pipeline.modelCalls()).toBe(1);
  });

  it('replaced while its events arrive in reverse order keeps the newest answer', async () => {
    const older = await picture(3);
    const first = await pipeline.upload('replaced.jpg', older);
    const second = await pipeline.upload('replaced.jpg', await picture(4));
    await pipeline.settled('replaced.jpg', (d) => d['status'] === 'completed' && generationOf(d) === second);
    await pipeline.notify('replaced.jpg', first, older.length);
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('replaced.jpg')).toMatchObject({
      status: 'completed',
      source: { generation: second },
    });
  });

  it('deleted between its event and the reading leaves nothing behind, and the functions live on', async () => {
    await pipeline.notify('never-there.jpg', '1700000000000001', 1000);
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('never-there.jpg')).toBeUndefined();
    expect(pipeline.cloud.supervisor.restarts('resize-image')).toBe(0);
  });

  it('of an unknown profile is refused with the names of those that exist', async () => {
    await pipeline.upload('odd.jpg', await picture(5), { profile: 'no-such-profile' });
    expect(await pipeline.settled('odd.jpg')).toMatchObject({
      status: 'refused',
      failure: { code: 'UNKNOWN_PROFILE', message: expect.stringContaining('inventory') },
    });
  });

  it('that is declared larger than allowed is refused before it is downloaded', async () => {
    const before = pipeline.cloud.storage.operations()['download'] ?? 0;
    await pipeline.upload('huge.jpg', Buffer.alloc(MAX_BYTES + 1));
    expect(await pipeline.settled('huge.jpg')).toMatchObject({
      status: 'refused',
      failure: { code: 'TOO_MANY_BYTES' },
    });
    expect(pipeline.cloud.storage.operations()['download'] ?? 0).toBe(before);
  });
});

describe('an event', () => {
  it('of the output bucket is refused even when all its metadata is gone', async () => {
    await pipeline.storage
      .bucket('prepared')
      .file('loose.jpg')
      .save(await picture(6), { resumable: false });
    await pipeline.cloud.pubsub.publish('uploads', {
      data: Buffer.from(
        JSON.stringify({ bucket: 'prepared', name: 'loose.jpg', generation: '1', size: '10' }),
      ),
      attributes: {
        eventType: 'OBJECT_FINALIZE',
        bucketId: 'prepared',
        objectId: 'loose.jpg',
        objectGeneration: '1',
      },
    });
    await pipeline.cloud.pubsub.idle();
    expect(
      (await pipeline.firestore.collection('results').where('source.bucket', '==', 'prepared').get()).size,
    ).toBe(0);
    expect(pipeline.modelCalls()).toBe(0);
  });

  it.each([
    [
      'a CloudEvent in binary mode',
      {
        'ce-type': 'google.cloud.storage.object.v1.finalized',
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-source': '//storage',
      },
      (data: object) => data,
    ],
    [
      'a CloudEvent in structured mode',
      {},
      (data: object) => ({
        specversion: '1.0',
        id: '1',
        source: '//storage',
        type: 'google.cloud.storage.object.v1.finalized',
        data,
      }),
    ],
  ])('may come as %s', async (kind, headers, wrap) => {
    const name = `cloud-event ${kind}.jpg`;
    const size = MAX_BYTES + 1;
    const generation = await pipeline.upload(name, Buffer.alloc(size));
    await pipeline.settled(name);
    await pipeline.firestore.doc(`results/${idOf(name)}`).delete();
    const response = await fetch(pipeline.cloud.url('resize-image'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(wrap({ bucket: 'uploads', name, generation, size: String(size) })),
    });
    expect(response.status).toBe(204);
    expect(await pipeline.result(name)).toMatchObject({ failure: { code: 'TOO_MANY_BYTES' } });
  });

  it.each([
    ['no JSON', 'hello'],
    ['an empty object', '{}'],
    [
      'data that is no JSON',
      JSON.stringify({ message: { data: 'aGVsbG8=', attributes: { eventType: 'OBJECT_FINALIZE' } } }),
    ],
    [
      'no object name',
      JSON.stringify({ message: { attributes: { eventType: 'OBJECT_FINALIZE', bucketId: 'uploads' } } }),
    ],
  ])('with %s is answered 400 and ends in the dead letters instead of vanishing', async (_, body) => {
    const response = await fetch(pipeline.cloud.url('resize-image'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(response.status).toBe(400);
  });
});

const generationOf = (document: Record<string, unknown>): string =>
  (document['source'] as { generation: string }).generation;
