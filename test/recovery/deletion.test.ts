import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { preparedName } from '../../shared/results/id.ts';
import {
  answerAlways,
  DESCRIPTION,
  idOf,
  type Pipeline,
  picture,
  startPipeline,
} from '../support/pipeline.ts';
import { startSweptPipeline } from './sweeping.ts';

let pipeline: Pipeline;
/** Topics whose notifications get lost now. */
const losing = new Set<string>();

beforeAll(async () => {
  pipeline = await startSweptPipeline({ keepNotification: (topic) => !losing.has(topic) });
});
afterAll(() => pipeline.close());
afterEach(() => {
  losing.clear();
  pipeline.model.reset();
  answerAlways(pipeline.model, DESCRIPTION);
});

const deleteUpload = (name: string, from = pipeline) => from.storage.bucket('uploads').file(name).delete();

const preparedExists = async (name: string, generation: string): Promise<boolean> => {
  const file = pipeline.storage.bucket('prepared').file(preparedName(idOf(name), generation));
  return (await file.exists())[0];
};

/** As Cloud Storage tells it: of one generation, and whether another took its place. */
const tellDeletion = (name: string, generation: string, more: Record<string, string> = {}) =>
  pipeline.cloud.pubsub.publish('uploads', {
    data: Buffer.from(JSON.stringify({ bucket: 'uploads', name, generation })),
    attributes: {
      eventType: 'OBJECT_DELETE',
      bucketId: 'uploads',
      objectId: name,
      objectGeneration: generation,
      ...more,
    },
  });

describe('deleting an upload', () => {
  it('deletes its result and its prepared picture', async () => {
    const generation = await pipeline.upload('gone.jpg', await picture(1));
    await pipeline.settled('gone.jpg');
    expect(await preparedExists('gone.jpg', generation)).toBe(true);
    await deleteUpload('gone.jpg');
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('gone.jpg')).toBeUndefined();
    expect(await preparedExists('gone.jpg', generation)).toBe(false);
  });

  it('by replacing it deletes nothing: the newer version is answered', async () => {
    await pipeline.upload('replaced.jpg', await picture(2));
    await pipeline.settled('replaced.jpg');
    const second = await pipeline.upload('replaced.jpg', await picture(3));
    await pipeline.settled(
      'replaced.jpg',
      (d) => d['status'] === 'completed' && (d['source'] as { generation: string }).generation === second,
    );
    await pipeline.cloud.pubsub.idle();
    expect(await preparedExists('replaced.jpg', second)).toBe(true);
  });

  it('deletes the prepared pictures of every version that it has had', async () => {
    const generations: string[] = [];
    for (const seed of [31, 32]) {
      const generation = await pipeline.upload('versions.jpg', await picture(seed));
      await pipeline.settled(
        'versions.jpg',
        (d) =>
          d['status'] === 'completed' && (d['source'] as { generation: string }).generation === generation,
      );
      generations.push(generation);
    }
    for (const generation of generations) expect(await preparedExists('versions.jpg', generation)).toBe(true);
    await deleteUpload('versions.jpg');
    await pipeline.cloud.pubsub.idle();
    for (const generation of generations)
      expect(await preparedExists('versions.jpg', generation)).toBe(false);
    expect(await pipeline.result('versions.jpg')).toBeUndefined();
  });

  it('deletes a result that this version cannot read', async () => {
    await pipeline.upload('foreign.jpg', await picture(33));
    await pipeline.settled('foreign.jpg');
    await pipeline.firestore.doc(`results/${idOf('foreign.jpg')}`).update({ attempts: 'of another shape' });
    await deleteUpload('foreign.jpg');
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('foreign.jpg')).toBeUndefined();
  });

  it('and uploading it anew keeps the new result when the news of the deletion comes last', async () => {
    losing.add('uploads');
    const first = await pipeline.upload('again.jpg', await picture(4));
    await deleteUpload('again.jpg');
    losing.clear();
    const second = await pipeline.upload('again.jpg', await picture(5));
    await pipeline.settled('again.jpg');
    await tellDeletion('again.jpg', first);
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('again.jpg')).toMatchObject({
      status: 'completed',
      source: { generation: second },
    });
  });

  it('before its arrival is told leaves nothing', async () => {
    losing.add('uploads');
    const bytes = await picture(6);
    const generation = await pipeline.upload('early.jpg', bytes);
    await deleteUpload('early.jpg');
    losing.clear();
    await tellDeletion('early.jpg', generation);
    await pipeline.cloud.pubsub.idle();
    await pipeline.notify('early.jpg', generation, bytes.length);
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('early.jpg')).toBeUndefined();
  });

  it.each([
    ['is empty', 'describe/empty.jpg', 0],
    ['is too large', 'describe/large.jpg', 60_000_000],
    ['has an unknown profile', 'describe/unknown.jpg', 100],
  ])('before its arrival is told leaves nothing of one that %s', async (what, name, bytes) => {
    losing.add('uploads');
    const metadata: Record<string, string> = what.includes('profile') ? { profile: 'nope' } : {};
    const generation = await pipeline.upload(name, Buffer.alloc(100), metadata);
    await deleteUpload(name);
    losing.clear();
    await tellDeletion(name, generation);
    await pipeline.cloud.pubsub.idle();
    const resource = { bucket: 'uploads', name, generation, size: String(bytes), metadata };
    await pipeline.cloud.pubsub.publish('uploads', {
      data: Buffer.from(JSON.stringify(resource)),
      attributes: {
        eventType: 'OBJECT_FINALIZE',
        bucketId: 'uploads',
        objectId: name,
        objectGeneration: generation,
      },
    });
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result(name)).toBeUndefined();
  });

  it('while it is being resized leaves neither result nor picture', async () => {
    const generation = await pipeline.upload('resizing.jpg', await picture(7, 5000, 4000));
    await pipeline.settled('resizing.jpg', () => true);
    await deleteUpload('resizing.jpg');
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('resizing.jpg')).toBeUndefined();
    expect(await preparedExists('resizing.jpg', generation)).toBe(false);
  });

  it('while it is being analyzed leaves nothing, and the late answer is not stored', async () => {
    pipeline.model.behave({ script: [{ json: DESCRIPTION, latencyMs: 600 }] });
    const generation = await pipeline.upload('analyzing.jpg', await picture(8));
    await pipeline.settled('analyzing.jpg', (d) => d['status'] === 'analyzing');
    await deleteUpload('analyzing.jpg');
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('analyzing.jpg')).toBeUndefined();
    expect(await preparedExists('analyzing.jpg', generation)).toBe(false);
  });

  it('in a bucket with versioning is told as an archived version, and deletes the same', async () => {
    losing.add('uploads');
    const bytes = await picture(10);
    const generation = await pipeline.upload('versioned.jpg', bytes);
    await pipeline.notify('versioned.jpg', generation, bytes.length);
    await pipeline.settled('versioned.jpg');
    await deleteUpload('versioned.jpg');
    await tellDeletion('versioned.jpg', generation, { eventType: 'OBJECT_ARCHIVE' });
    await pipeline.cloud.pubsub.idle();
    expect(await pipeline.result('versioned.jpg')).toBeUndefined();
  });

  it('that has no result does no harm, however often it is told', async () => {
    await tellDeletion('never.jpg', '1700000000000001');
    await tellDeletion('never.jpg', '1700000000000001');
    await pipeline.cloud.pubsub.idle();
    expect(pipeline.cloud.pubsub.stats().push['resize-image']?.deadLettered).toBe(0);
  });
});

it('DELETE_WITH_UPLOAD=false keeps the result of an upload that is deleted', async () => {
  const keeping = await startPipeline({ env: { DELETE_WITH_UPLOAD: 'false' } });
  try {
    await keeping.upload('kept.jpg', await picture(9));
    await keeping.settled('kept.jpg');
    await deleteUpload('kept.jpg', keeping);
    await keeping.cloud.pubsub.idle();
    expect(await keeping.result('kept.jpg')).toMatchObject({ status: 'completed' });
  } finally {
    await keeping.close();
  }
});
