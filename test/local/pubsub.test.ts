import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { backoffMs } from '../../local/pubsub/backoff.ts';
import { DueQueue } from '../../local/pubsub/due-queue.ts';
import { PushWindow } from '../../local/pubsub/push-window.ts';
import { type PubSubServer, type PubSubServerOptions, startPubSubServer } from '../../local/pubsub/server.ts';

interface Push {
  at: number;
  headers: IncomingMessage['headers'];
  body: {
    message: {
      data: string;
      attributes?: Record<string, string>;
      messageId: string;
      message_id: string;
      publishTime: string;
      publish_time: string;
      orderingKey?: string;
    };
    subscription: string;
    deliveryAttempt?: number;
  };
}

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const closing = (server: Server) => ({
  close: () => {
    server.closeAllConnections();
    server.close();
  },
});

/** An endpoint that answers each push with what `answer` says; undefined = never. */
const endpoint = async (answer: (push: Push, nth: number) => number | undefined | Promise<number>) => {
  const pushes: Push[] = [];
  const concurrency = { now: 0, most: 0 };
  const server: Server = createServer(async (request, response) => {
    concurrency.most = Math.max(concurrency.most, ++concurrency.now);
    response.on('close', () => {
      concurrency.now -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const push = {
      at: Date.now(),
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    };
    pushes.push(push);
    const status = await answer(push, pushes.length);
    if (status !== undefined) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(closing(server));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, pushes, concurrency };
};

const bus = async (options: PubSubServerOptions): Promise<PubSubServer> => {
  const server = await startPubSubServer(options);
  open.push(server);
  return server;
};

const uploadsTo = (pushEndpoint: string, settings: object = {}): PubSubServerOptions => ({
  topics: ['uploads', 'dead'],
  subscriptions: [
    { name: 'resize', topic: 'uploads', pushEndpoint, minBackoffMs: 20, maxBackoffMs: 200, ...settings },
    { name: 'dead-letters', topic: 'dead', pull: true },
  ],
});

const text = (value: string, attributes: Record<string, string> = {}) => ({
  data: Buffer.from(value),
  attributes,
});

const post = async (url: string, body: unknown) => {
  const response = await fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const pullAll = async (server: PubSubServer, subscription = 'dead-letters') => {
  const { body } = await post(`${server.url}/v1/projects/local/subscriptions/${subscription}:pull`, {
    maxMessages: 100,
  });
  return (body['receivedMessages'] ?? []) as { ackId: string; message: Push['body']['message'] }[];
};

describe('a push', () => {
  it('carries the message in the envelope of Cloud Pub/Sub', async () => {
    const target = await endpoint(() => 204);
    const server = await bus(uploadsTo(target.url));

    const id = await server.publish('uploads', {
      ...text('hello', { eventType: 'OBJECT_FINALIZE' }),
      orderingKey: 'k',
    });
    await server.idle();

    const publishTime = target.pushes[0]?.body.message.publishTime ?? '';
    expect(new Date(publishTime).toISOString()).toBe(publishTime);
    expect(target.pushes[0]?.headers['content-type']).toBe('application/json');
    expect(target.pushes.map(({ body }) => body)).toEqual([
      {
        message: {
          data: 'aGVsbG8=',
          attributes: { eventType: 'OBJECT_FINALIZE' },
          messageId: id,
          message_id: id,
          publishTime,
          publish_time: publishTime,
          orderingKey: 'k',
        },
        subscription: 'projects/local/subscriptions/resize',
      },
    ]);
  });

  it('counts its delivery attempts only where there is a dead-letter policy', async () => {
    const target = await endpoint((_, nth) => (nth < 3 ? 500 : 200));
    const server = await bus(uploadsTo(target.url, { deadLetterTopic: 'dead', maxDeliveryAttempts: 5 }));
    await server.publish('uploads', text('x'));
    await server.idle();
    expect(target.pushes.map(({ body }) => body.deliveryAttempt)).toEqual([1, 2, 3]);
  });

  it.each([102, 200, 201, 202, 204])('is acknowledged by status %i', async (status) => {
    const http = createServer((request, response) => {
      request.resume();
      if (status === 102) response.writeProcessing();
      else response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    open.push(closing(http));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
    const server = await bus(uploadsTo(url));
    await server.publish('uploads', text('x'));
    await server.idle();
    expect(server.stats().push['resize']).toMatchObject({ acked: 1, refused: 0 });
  });

  it.each([203, 206, 301, 400, 404, 429, 500, 503])('is delivered again after status %i', async (status) => {
    const target = await endpoint((_, nth) => (nth === 1 ? status : 200));
    const server = await bus(uploadsTo(target.url));
    await server.publish('uploads', text('x'));
    await server.idle();
    expect(target.pushes).toHaveLength(2);
  });

  it('is delivered again when nothing listens at the endpoint yet', async () => {
    const server = await bus(uploadsTo('http://127.0.0.1:1/'));
    await server.publish('uploads', text('x'));
    await expect.poll(() => server.stats().push['resize']?.refused).toBeGreaterThan(1);
    expect(server.backlog()[0]).toMatchObject({ subscription: 'resize', unacked: 1 });
    await expect.poll(() => server.backlog()[0]?.nextDeliveryAt).toBeGreaterThan(0);
  });

  it('is delivered again when its ack deadline passes without an answer', async () => {
    const target = await endpoint((_, nth) => (nth === 1 ? undefined : 200));
    const server = await bus(uploadsTo(target.url, { ackDeadlineMs: 60 }));
    await server.publish('uploads', text('x'));
    await server.idle();
    expect(target.pushes).toHaveLength(2);
    expect(server.stats().push['resize']).toMatchObject({ deadlineExceeded: 1, acked: 1 });
  });

  it('reaches every subscription of its topic', async () => {
    const [first, second] = [await endpoint(() => 200), await endpoint(() => 200)];
    const server = await bus({
      topics: ['uploads'],
      subscriptions: [
        { name: 'a', topic: 'uploads', pushEndpoint: first.url },
        { name: 'b', topic: 'uploads', pushEndpoint: second.url },
      ],
    });
    await server.publish('uploads', text('x'));
    await server.idle();
    expect([first.pushes.length, second.pushes.length]).toEqual([1, 1]);
  });

  it('is broken off when the server closes', async () => {
    const target = await endpoint(() => undefined);
    const server = await bus(uploadsTo(target.url));
    await server.publish('uploads', text('x'));
    await expect.poll(() => target.pushes.length).toBe(1);
    await server.close();
    await expect.poll(() => target.concurrency.now).toBe(0);
  });
});

describe('the backoff', () => {
  it('grows with every refusal', async () => {
    const target = await endpoint((_, nth) => (nth < 5 ? 500 : 200));
    const server = await bus(uploadsTo(target.url, { minBackoffMs: 30, maxBackoffMs: 600_000 }));
    await server.publish('uploads', text('x'));
    await server.idle();
    const gaps = target.pushes.slice(1).map(({ at }, index) => at - (target.pushes[index]?.at ?? 0));
    for (const [index, atLeast] of [30, 60, 120, 240].entries())
      expect(gaps[index]).toBeGreaterThanOrEqual(atLeast - 2);
  });

  it.each([
    { attempts: 1, least: 10_000, most: 12_500 },
    { attempts: 2, least: 20_000, most: 25_000 },
    { attempts: 4, least: 80_000, most: 100_000 },
    { attempts: 40, least: 480_000, most: 600_000 },
  ])('lies between $least and $most ms after attempt $attempts', ({ attempts, least, most }) => {
    const range = { minBackoffMs: 10_000, maxBackoffMs: 600_000 };
    expect(backoffMs(attempts, range, () => 0)).toBe(least);
    expect(backoffMs(attempts, range, () => 1)).toBe(most);
  });

  it('shrinks with the time scale', async () => {
    const target = await endpoint((_, nth) => (nth < 3 ? 500 : 200));
    const server = await bus({
      topics: ['uploads'],
      subscriptions: [{ name: 'resize', topic: 'uploads', pushEndpoint: target.url }],
      timeScale: 0.001,
    });
    await server.publish('uploads', text('x'));
    await server.idle();
    expect(target.pushes).toHaveLength(3);
  });
});

describe('a dead letter', () => {
  const policy = { deadLetterTopic: 'dead', maxDeliveryAttempts: 5, minBackoffMs: 1, maxBackoffMs: 5 };

  it('is forwarded after the last attempt, with its origin in the attributes', async () => {
    const target = await endpoint(() => 500);
    const server = await bus(uploadsTo(target.url, policy));
    await server.publish('uploads', text('poison', { bucketId: 'b' }));
    await server.idle();

    expect(target.pushes).toHaveLength(5);
    const letters = await pullAll(server);
    expect(letters.map(({ message }) => message)).toMatchObject([
      {
        data: Buffer.from('poison').toString('base64'),
        attributes: {
          bucketId: 'b',
          CloudPubSubDeadLetterSourceSubscription: 'resize',
          CloudPubSubDeadLetterSourceSubscriptionProject: 'local',
          CloudPubSubDeadLetterSourceDeliveryCount: '5',
          CloudPubSubDeadLetterSourceTopicPublishTime: target.pushes[0]?.body.message.publishTime,
        },
      },
    ]);
    expect(server.stats().push['resize']).toMatchObject({ deadLettered: 1, refused: 5 });
    expect(server.backlog()).toMatchObject([{ unacked: 0 }, { subscription: 'dead-letters', unacked: 1 }]);
  });

  it('does not hold up the messages behind it', async () => {
    const target = await endpoint(({ body }) => (body.message.data === 'cG9pc29u' ? 500 : 200));
    const server = await bus(uploadsTo(target.url, policy));
    await server.publish('uploads', text('poison'));
    await Promise.all(Array.from({ length: 20 }, (_, n) => server.publish('uploads', text(`good ${n}`))));
    await server.idle();
    expect(server.stats().push['resize']).toMatchObject({ acked: 20, deadLettered: 1 });
  });
});

describe('delivery under load', () => {
  it('opens few connections first and more while the endpoint keeps up', async () => {
    const early: number[] = [];
    const target = await endpoint(async () => {
      early.push(target.concurrency.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return 200;
    });
    const server = await bus(uploadsTo(target.url, { maxOutstanding: 64 }));
    await Promise.all(Array.from({ length: 600 }, (_, n) => server.publish('uploads', text(`${n}`))));
    await server.idle();
    expect(new Set(target.pushes.map(({ body }) => body.message.data)).size).toBe(600);
    expect(Math.max(...early.slice(0, 4))).toBeLessThanOrEqual(4);
    expect(target.concurrency.most).toBeGreaterThan(16);
    expect(target.concurrency.most).toBeLessThanOrEqual(64);
  });

  it('halves the window once per round of refusals and never below four', () => {
    const window = new PushWindow(1000);
    for (let n = 0; n < 60; n += 1) window.succeeded(1000);
    expect(window.size).toBe(64);
    for (let n = 0; n < 64; n += 1) window.refused();
    expect(window.size).toBe(32);
    for (let n = 0; n < 1000; n += 1) window.refused();
    expect(window.size).toBe(4);
  });

  it('hands out what is due in order of time, then of arrival', () => {
    const queue = new DueQueue<string>();
    for (const [item, at] of [
      ['c', 30],
      ['a', 10],
      ['d', 30],
      ['b', 20],
      ['later', 99],
    ] as const)
      queue.add(item, at);
    const taken = Array.from({ length: 5 }, () => queue.takeDue(50));
    expect(taken).toEqual(['a', 'b', 'c', 'd', undefined]);
    expect(queue.nextAt).toBe(99);
  });
});

describe('misfortune on demand', () => {
  it('delivers every message twice when asked to', async () => {
    const target = await endpoint(() => 200);
    const server = await bus(uploadsTo(target.url));
    server.setDuplicates(1);
    await Promise.all(Array.from({ length: 10 }, (_, n) => server.publish('uploads', text(`${n}`))));
    await server.idle();
    expect(target.pushes).toHaveLength(20);
    expect(server.stats().push['resize']).toMatchObject({ acked: 10, duplicates: 10 });
  });

  it('loses the answer of an endpoint that did its work', async () => {
    const target = await endpoint(() => 200);
    const server = await bus(uploadsTo(target.url));
    server.setFaults({ dropShare: 1 });
    await server.publish('uploads', text('x'));
    await expect.poll(() => target.pushes.length).toBeGreaterThan(1);
    server.setFaults({ dropShare: 0 });
    await server.idle();
    expect(server.stats().push['resize']?.acked).toBe(1);
  });

  it('holds a push back', async () => {
    const target = await endpoint(() => 200);
    const server = await bus(uploadsTo(target.url));
    server.setFaults({ delayMs: [80, 80] });
    const before = Date.now();
    await server.publish('uploads', text('x'));
    await server.idle();
    expect((target.pushes[0]?.at ?? 0) - before).toBeGreaterThanOrEqual(78);
  });
});

describe('what cannot be delivered', () => {
  it('expires at the end of its retention', async () => {
    const target = await endpoint(() => 500);
    const server = await bus(uploadsTo(target.url, { retentionMs: 100 }));
    await server.publish('uploads', text('x'));
    await server.idle();
    expect(server.stats().push['resize']?.expired).toBe(1);
  });

  it('is refused for a topic that does not exist, by name', async () => {
    const server = await bus(uploadsTo('http://127.0.0.1:1/'));
    await expect(server.publish('upload', text('x'))).rejects.toThrow('projects/local/topics/upload');
  });

  it.each([
    [{ maxDeliveryAttempts: 3, deadLetterTopic: 'dead' }, 'maxDeliveryAttempts must be within 5..100'],
    [{ maxDeliveryAttempts: 5 }, 'needs a deadLetterTopic'],
    [{ deadLetterTopic: 'nowhere' }, 'topics/nowhere'],
    [{ minBackoffMs: 300, maxBackoffMs: 200 }, 'minBackoffMs <= maxBackoffMs'],
    [{ topic: 'nowhere' }, 'topics/nowhere'],
  ])('is refused at start: %j', async (settings, reason) => {
    await expect(startPubSubServer(uploadsTo('http://127.0.0.1:1/', settings))).rejects.toThrow(reason);
  });
});

describe('the REST API', () => {
  const project = (server: PubSubServer) => `${server.url}/v1/projects/local`;

  it('publishes', async () => {
    const target = await endpoint(() => 200);
    const server = await bus(uploadsTo(target.url));
    const messages = [{ data: 'aGk=', attributes: { a: '1' } }, { attributes: { b: '2' } }];
    const { status, body } = await post(`${project(server)}/topics/uploads:publish?alt=json`, { messages });
    await server.idle();
    expect(status).toBe(200);
    expect(body['messageIds']).toHaveLength(2);
    expect(target.pushes.map(({ body: { message } }) => message.messageId).sort()).toEqual(
      body['messageIds'],
    );
  });

  it.each([
    ['topics/nothing:publish', { messages: [{ data: 'aGk=' }] }, 404, 'NOT_FOUND'],
    ['topics/uploads:publish', { messages: [{ data: 'no base64!' }] }, 400, 'INVALID_ARGUMENT'],
    ['topics/uploads:publish', { messages: [{}] }, 400, 'INVALID_ARGUMENT'],
    ['topics/uploads:publish', { messages: [] }, 400, 'INVALID_ARGUMENT'],
    ['topics/uploads:publish', '{"messages":', 400, 'INVALID_ARGUMENT'],
    ['topics/uploads:burn', {}, 404, 'NOT_FOUND'],
    ['subscriptions/nothing:pull', { maxMessages: 1 }, 404, 'NOT_FOUND'],
    ['subscriptions/resize:pull', { maxMessages: 1 }, 400, 'FAILED_PRECONDITION'],
    ['subscriptions/dead-letters:pull', {}, 400, 'INVALID_ARGUMENT'],
    ['subscriptions/dead-letters:acknowledge', { ackIds: ['made up'] }, 400, 'INVALID_ARGUMENT'],
  ])('refuses %s with %j', async (path, request, code, status) => {
    const server = await bus(uploadsTo('http://127.0.0.1:1/'));
    const answer = await post(`${project(server)}/${path}`, request);
    expect(answer).toMatchObject({
      status: code,
      body: { error: { code, status, message: expect.any(String) } },
    });
  });

  it('pulls a message, holds it for the puller and forgets it once acknowledged', async () => {
    const server = await bus(uploadsTo('http://127.0.0.1:1/'));
    await server.publish('dead', text('a letter'));
    const [letter] = await pullAll(server);
    expect(await pullAll(server)).toEqual([]);
    await post(`${project(server)}/subscriptions/dead-letters:acknowledge`, { ackIds: [letter?.ackId] });
    expect(server.backlog()[1]).toMatchObject({ unacked: 0 });
  });

  it('gives a pulled message back at an ack deadline of 0, and by itself when the deadline passes', async () => {
    const server = await bus({ ...uploadsTo('http://127.0.0.1:1/'), timeScale: 0.01 });
    await server.publish('dead', text('a letter'));
    const [letter] = await pullAll(server);
    const modify = `${project(server)}/subscriptions/dead-letters:modifyAckDeadline`;
    await post(modify, { ackIds: [letter?.ackId], ackDeadlineSeconds: 0 });
    expect(await pullAll(server)).toHaveLength(1);
    await expect.poll(() => pullAll(server)).toHaveLength(1);
  });

  it('lists topics and subscriptions with their policies', async () => {
    const server = await bus(uploadsTo('http://127.0.0.1:1/', { deadLetterTopic: 'dead' }));
    const get = async (path: string) => (await fetch(`${project(server)}/${path}`)).json();
    expect(await get('topics')).toEqual({
      topics: [{ name: 'projects/local/topics/uploads' }, { name: 'projects/local/topics/dead' }],
    });
    expect(await get('subscriptions/resize')).toMatchObject({
      topic: 'projects/local/topics/uploads',
      pushConfig: { pushEndpoint: 'http://127.0.0.1:1/' },
      ackDeadlineSeconds: 10,
      retryPolicy: { minimumBackoff: '0.02s', maximumBackoff: '0.2s' },
      deadLetterPolicy: { deadLetterTopic: 'projects/local/topics/dead', maxDeliveryAttempts: 5 },
    });
  });
});
