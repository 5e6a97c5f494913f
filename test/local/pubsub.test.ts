import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { startPubSubServer } from '../../local/pubsub/server.ts';
import { bus, endpoint, eventually, listen, pullAll, text, uploadsTo } from './push-endpoint.ts';

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
    const server = await bus(uploadsTo(await listen(http)));
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
    await eventually(() => server.stats().push['resize']?.refused).toBeGreaterThan(1);
    expect(server.backlog()[0]).toMatchObject({ subscription: 'resize', unacked: 1 });
    await eventually(() => server.backlog()[0]?.nextDeliveryAt).toBeGreaterThan(0);
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
    await eventually(() => target.pushes.length).toBe(1);
    await server.close();
    await eventually(() => target.concurrency.now).toBe(0);
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
    await eventually(() => target.pushes.length).toBeGreaterThan(1);
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
