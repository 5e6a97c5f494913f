import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PubSubServer, startPubSubServer } from '../../local/pubsub/server.ts';
import { PubSub } from '../../shared/cloud/pubsub.ts';

let server: PubSubServer;
let pubsub: PubSub;

beforeAll(async () => {
  server = await startPubSubServer({
    topics: ['news'],
    subscriptions: [{ name: 'readers', topic: 'news', pull: true }],
  });
  pubsub = new PubSub({ projectId: 'local', emulatorHost: `127.0.0.1:${server.port}` });
});
afterAll(() => server.close());

describe('a message that the pipeline publishes', () => {
  it('arrives as it was sent, is kept while somebody looks at it, and ends when it is acknowledged', async () => {
    await pubsub.publish('news', {
      data: Buffer.from('héllo'),
      attributes: { eventType: 'OBJECT_FINALIZE' },
    });
    const [received] = await pubsub.pull('readers', 10);
    expect(received).toMatchObject({
      data: Buffer.from('héllo'),
      attributes: { eventType: 'OBJECT_FINALIZE' },
    });
    const ackIds = [received?.ackId ?? ''];
    expect(await pubsub.pull('readers', 10)).toEqual([]);
    await pubsub.keep('readers', ackIds, 0);
    const [again] = await pubsub.pull('readers', 10);
    expect(again?.id).toBe(received?.id);
    await pubsub.acknowledge('readers', [again?.ackId ?? '']);
    expect(server.backlog()).toMatchObject([{ unacked: 0 }]);
  });

  it('to a topic that does not exist is refused at once, with its name', async () => {
    const attempt = pubsub.publish('olds', { data: Buffer.from('x'), attributes: {} });
    await expect(attempt).rejects.toThrow(/topics\/olds/);
    await expect(attempt).rejects.toMatchObject({ code: 404 });
  });

  it('while nobody listens fails within the time it was given', async () => {
    const nobody = new PubSub({ projectId: 'local', emulatorHost: '127.0.0.1:9', overallMs: 300 });
    await expect(nobody.publish('news', { data: Buffer.from('x'), attributes: {} })).rejects.toMatchObject({
      code: 503,
    });
  });
});
