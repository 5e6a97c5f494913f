import { describe, expect, it } from 'vitest';
import type { PubSubServer } from '../../local/pubsub/server.ts';
import { bus, endpoint, eventually, post, pullAll, text, uploadsTo } from './push-endpoint.ts';

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

  it('gives a pulled message back at an ack deadline of 0, and when the deadline passes', async () => {
    const server = await bus({ ...uploadsTo('http://127.0.0.1:1/'), timeScale: 0.01 });
    await server.publish('dead', text('a letter'));
    const [letter] = await pullAll(server);
    const modify = `${project(server)}/subscriptions/dead-letters:modifyAckDeadline`;
    await post(modify, { ackIds: [letter?.ackId], ackDeadlineSeconds: 0 });
    expect(await pullAll(server)).toHaveLength(1);
    await eventually(() => pullAll(server)).toHaveLength(1);
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
      retryPolicy: { minimumBackoff: '0.020s', maximumBackoff: '0.200s' },
      deadLetterPolicy: { deadLetterTopic: 'projects/local/topics/dead', maxDeliveryAttempts: 5 },
    });
  });
});
