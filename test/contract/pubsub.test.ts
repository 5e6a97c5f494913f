import { randomUUID } from 'node:crypto';
import { type Message, PubSub, type Subscription, type Topic } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startPubSubServer } from '../../local/pubsub/server.ts';
import { findPubSubEmulator, startPubSubEmulator } from './pubsub/google-emulator.ts';

interface Running {
  host: string;
  close(): Promise<void>;
}

async function startLocal(): Promise<Running> {
  const server = await startPubSubServer({ topics: ['own'], subscriptions: [] });
  return { host: `127.0.0.1:${server.port}`, close: () => server.close() };
}

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;

function describePubSub(start: () => Promise<Running>): void {
  let server: Running;
  let client: PubSub;

  beforeAll(async () => {
    server = await start();
    process.env['PUBSUB_EMULATOR_HOST'] = server.host;
    client = new PubSub({ projectId: 'contract' });
    delete process.env['PUBSUB_EMULATOR_HOST'];
  });
  afterAll(async () => {
    await client.close();
    await server.close();
  });

  /** A topic and a subscription to it that nobody else uses. */
  async function pair(options: object = {}): Promise<{ topic: Topic; subscription: Subscription }> {
    const [topic] = await client.createTopic(`t-${randomUUID()}`);
    const [subscription] = await topic.createSubscription(`s-${randomUUID()}`, options);
    return { topic, subscription };
  }

  /** Everything the subscription hands out from now on, in order. */
  function listen(subscription: Subscription, onMessage: (message: Message) => void = (one) => one.ack()) {
    const seen: string[] = [];
    subscription.on('message', (message: Message) => {
      seen.push(message.data.toString());
      onMessage(message);
    });
    subscription.on('error', (error: Error) => seen.push(error.message));
    onTestFinished(() => void subscription.close());
    return seen;
  }

  const publish = (topic: Topic, text: string, attributes: Record<string, string> = {}) =>
    topic.publishMessage({ data: Buffer.from(text), attributes });

  /** Pulls once, without waiting for more. */
  async function pull(subscription: Subscription, maxMessages = 10) {
    const { subClient } = await subscriberClient();
    const [{ receivedMessages }] = await subClient.pull({
      subscription: nameOf(subscription),
      maxMessages,
      returnImmediately: true,
    });
    return (receivedMessages ?? []).map(({ ackId, message }) => ({
      ackId: ackId ?? '',
      text: String(message?.data),
    }));
  }
  const nameOf = ({ name }: Subscription) => name;
  const subscriberClient = () =>
    new Promise<{ subClient: import('@google-cloud/pubsub').v1.SubscriberClient }>((resolve, reject) => {
      client.getClient_({ client: 'SubscriberClient' }, (error, subClient) =>
        error ? reject(error) : resolve({ subClient: subClient as never }),
      );
    });

  it('hands out over a stream what is published, attributes included, and forgets it once acknowledged', async () => {
    const { topic, subscription } = await pair();
    await publish(topic, 'before', { a: '1' });
    const attributes: object[] = [];
    const seen = listen(subscription, (message) => {
      attributes.push({ ...message.attributes });
      message.ack();
    });
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual(['before']);
    await publish(topic, 'after');
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual(['before', 'after']);
    expect(attributes).toEqual([{ a: '1' }, {}]);
  });

  it('hands out again what is given back', async () => {
    const { topic, subscription } = await pair();
    let deliveries = 0;
    const seen = listen(subscription, (message) => {
      deliveries += 1;
      if (deliveries === 1) message.nack();
      else message.ack();
    });
    await publish(topic, 'twice');
    await expect.poll(() => seen, { timeout: 60_000 }).toEqual(['twice', 'twice']);
  });

  it('gives a client no more at once than it has room for', async () => {
    const { topic, subscription } = await pair();
    await Promise.all(Array.from({ length: 5 }, (_, i) => publish(topic, `m${i}`)));
    const held: Message[] = [];
    subscription.setOptions({ flowControl: { maxMessages: 2, allowExcessMessages: false } });
    const seen = listen(subscription, (message) => void held.push(message));
    await expect.poll(() => seen.length, { timeout: 60_000 }).toBe(2);
    held.shift()?.ack();
    await expect.poll(() => seen.length, { timeout: 60_000 }).toBe(3);
    for (const message of held) message.ack();
  });

  it('answers a single pull, and acknowledges by the id of it', async () => {
    const { topic, subscription } = await pair();
    await publish(topic, 'one');
    const [message] = await pull(subscription);
    expect(message?.text).toBe('one');
    const { subClient } = await subscriberClient();
    await subClient.acknowledge({ subscription: nameOf(subscription), ackIds: [message?.ackId ?? ''] });
    await subscription.seek(new Date(0));
    expect(await pull(subscription)).toEqual([]);
  });

  it('gives every subscription of a topic its own copy', async () => {
    const { topic, subscription } = await pair();
    const [other] = await topic.createSubscription(`s-${randomUUID()}`);
    await publish(topic, 'copy');
    expect([(await pull(subscription))[0]?.text, (await pull(other))[0]?.text]).toEqual(['copy', 'copy']);
  });

  it('takes all before a time for acknowledged, and brings back what it was told to keep', async () => {
    const { topic, subscription } = await pair({ retainAckedMessages: true });
    const before = new Date();
    await publish(topic, 'kept');
    const [message] = await pull(subscription);
    const { subClient } = await subscriberClient();
    await subClient.acknowledge({ subscription: nameOf(subscription), ackIds: [message?.ackId ?? ''] });
    await subscription.seek(before);
    expect((await pull(subscription))[0]?.text).toBe('kept');
    await subscription.seek(new Date(Date.now() + 60_000));
    expect(await pull(subscription)).toEqual([]);
  });

  it('goes back to a snapshot', async () => {
    const { topic, subscription } = await pair();
    await publish(topic, 'owed');
    const name = `snap-${randomUUID()}`;
    await subscription.createSnapshot(name);
    await subscription.seek(new Date(Date.now() + 60_000));
    expect(await pull(subscription)).toEqual([]);
    await subscription.seek(name);
    expect((await pull(subscription))[0]?.text).toBe('owed');
    await client.snapshot(name).delete();
  });

  it('creates, lists, changes and deletes', async () => {
    const { topic, subscription } = await pair({ ackDeadlineSeconds: 30, labels: { team: 'a' } });
    const id = topic.name.split('/').at(-1) ?? '';
    await expect(client.createTopic(id)).rejects.toMatchObject({ code: ALREADY_EXISTS });
    expect((await client.getTopics())[0].map(({ name }) => name)).toContain(topic.name);
    expect((await topic.getSubscriptions())[0].map(({ name }) => name)).toEqual([subscription.name]);
    expect((await subscription.getMetadata())[0]).toMatchObject({
      ackDeadlineSeconds: 30,
      labels: { team: 'a' },
    });
    await subscription.setMetadata({ ackDeadlineSeconds: 60 });
    expect((await subscription.getMetadata())[0].ackDeadlineSeconds).toBe(60);
    await subscription.delete();
    expect((await subscription.exists())[0]).toBe(false);
    await topic.delete();
    await expect(publish(topic, 'lost')).rejects.toMatchObject({ code: NOT_FOUND });
  });

  it('says at once that a topic or a subscription is not there', async () => {
    const lost = client.topic('nowhere');
    await expect(publish(lost, 'x')).rejects.toMatchObject({ code: NOT_FOUND });
    const failed = new Promise<{ code?: number }>((resolve) => {
      client
        .subscription('nowhere')
        .on('error', resolve)
        .on('message', () => undefined);
    });
    expect((await failed).code).toBe(NOT_FOUND);
  });
}

describe('the local Pub/Sub, by gRPC', () => {
  describePubSub(startLocal);
});

// The second opinion, where it is installed.
const emulator = findPubSubEmulator();
describe.skipIf(emulator === undefined)("Google's Pub/Sub emulator", () => {
  describePubSub(() => startPubSubEmulator(emulator ?? ''));
});
