import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PipelineClient } from '../../client/pipeline-client.ts';
import { finalizedNotification } from '../../shared/cloud/events/storage-notification.ts';
import { resultId } from '../../shared/results/id.ts';
import { answered, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.close());

const ref = (name: string) => ({ bucket: 'uploads', name, generation: '1700000000000001' });

/** A message as Pub/Sub moves it to the dead letters. */
async function giveUp(name: string): Promise<void> {
  const { data, attributes } = finalizedNotification(ref(name), {});
  await api.cloud.pubsub.publish('uploads-dead-letters', {
    data,
    attributes: { ...attributes, CloudPubSubDeadLetterSourceDeliveryCount: '20' },
  });
}

const client = () => new PipelineClient({ baseUrl: api.url });
const list = () => client().deadLetters();

describe('the dead letters', () => {
  it('are looked at without taking them away, and replayed or removed at once', async () => {
    await giveUp('lost.jpg');
    await giveUp('ended.jpg');
    const id = resultId(ref('ended.jpg'));
    const document = resultAt(Date.now(), answered(Date.now()));
    await api.write(id, { ...document, source: { ...document.source, ...ref('ended.jpg') } });

    for (const _look of [1, 2]) {
      const { letters, hasMore } = await list();
      expect(hasMore).toBe(false);
      expect(
        letters.map(({ object, stage, deliveries, fate }) => ({ object, stage, deliveries, fate })),
      ).toEqual(
        expect.arrayContaining([
          {
            object: 'gs://uploads/lost.jpg#1700000000000001',
            stage: 'resize',
            deliveries: 20,
            fate: 'replay',
          },
          {
            object: 'gs://uploads/ended.jpg#1700000000000001',
            stage: 'resize',
            deliveries: 20,
            fate: 'settled',
          },
        ]),
      );
    }

    expect(await client().replayDeadLetters()).toEqual({ replayed: 1, removed: 1, left: 0, hasMore: false });
    expect(await list()).toEqual({ letters: [], hasMore: false });
  });
});
