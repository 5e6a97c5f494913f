import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { type PubSubServer, type PubSubServerOptions, startPubSubServer } from '../../local/pubsub/server.ts';

export interface Push {
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

/** Listens on 127.0.0.1 until the test ends. */
export const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

/** An endpoint that answers each push with what `answer` says; undefined = never. */
export const endpoint = async (answer: (push: Push, nth: number) => number | undefined | Promise<number>) => {
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
  return { url: await listen(server), pushes, concurrency };
};

/** A bus that is closed when the test ends. */
export const bus = async (options: PubSubServerOptions): Promise<PubSubServer> => {
  const server = await startPubSubServer(options);
  onTestFinished(() => server.close());
  return server;
};

/** Pushes `uploads` to the endpoint; `dead` has a pull subscription. */
export const uploadsTo = (pushEndpoint: string, settings: object = {}): PubSubServerOptions => ({
  topics: ['uploads', 'dead'],
  subscriptions: [
    { name: 'resize', topic: 'uploads', pushEndpoint, minBackoffMs: 20, maxBackoffMs: 200, ...settings },
    { name: 'dead-letters', topic: 'dead', pull: true },
  ],
});

export const text = (value: string, attributes: Record<string, string> = {}) => ({
  data: Buffer.from(value),
  attributes,
});

export const post = async (url: string, body: unknown) => {
  const response = await fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

export const pullAll = async (server: { url: string }, subscription = 'dead-letters') => {
  const { body } = await post(`${server.url}/v1/projects/local/subscriptions/${subscription}:pull`, {
    maxMessages: 100,
  });
  return (body['receivedMessages'] ?? []) as { ackId: string; message: Push['body']['message'] }[];
};

/** `expect.poll` with patience for a machine that is busy with something else. */
export const eventually = <T>(probe: () => T) => expect.poll(probe, { timeout: 60_000 });
