import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BatchApi } from '../../functions/batch/apis/batch-api.ts';
import { createDeveloperBatches } from '../../functions/batch/apis/developer-batches.ts';

/** Longer than any call may take, in milliseconds. */
const LONG_MS = 61_000;

/** Real time in which what has come is read, in milliseconds: the clock that stands still is that of the deadlines. */
const READ_MS = 50;

let server: Server;
let api: BatchApi;
/** Resolves when the next answer has begun: its headers and a part of its body are out, and no more will come. */
let begun: PromiseWithResolvers<void>;
let closed: PromiseWithResolvers<void>;
let status: number;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  begun = Promise.withResolvers();
  closed = Promise.withResolvers();
  status = 200;
  server = createServer((request, response) => {
    request.resume();
    response.once('close', () => closed.resolve());
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-goog-upload-url': 'http://127.0.0.1',
    });
    response.write('{"key":"a","error":{"code":8,"message":"full"}}\n{"key":', () => begun.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api = createDeveloperBatches({ apiKey: 'key', baseUrl, storeRequests: false });
});

afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

async function* noLines(): AsyncGenerator<Buffer> {}

async function keysOf(signal: AbortSignal): Promise<string[]> {
  const keys: string[] = [];
  for await (const line of api.results('files/batch-1', 'model', signal)) keys.push(line?.key ?? '');
  return keys;
}

const CALLS: [string, (signal: AbortSignal) => Promise<unknown>][] = [
  ['that looks at a job', (signal) => api.get('batches/1', signal)],
  ['that looks for a job', (signal) => api.find('id', signal)],
  ['that creates a job', (signal) => api.create('id', 'model', 'files/1', signal)],
  ['that cancels a job', (signal) => api.cancel('batches/1', signal)],
  ['that begins to store requests', (signal) => api.store('id', noLines(), 0, signal)],
  ['that reads the answers', keysOf],
];

describe('a call of the batch API whose answer begins and never ends', () => {
  it.each(CALLS)('%s fails in time, as a broken connection does', async (_, call) => {
    const failed = expect(call(new AbortController().signal)).rejects.toMatchObject({
      code: 'MODEL_NETWORK',
    });
    await begun.promise;
    await delay(READ_MS);
    await vi.advanceTimersByTimeAsync(LONG_MS);
    await failed;
    await closed.promise;
  });

  it.each(CALLS)('%s ends with the run, and lets go of the connection', async (_, call) => {
    const run = new AbortController();
    const ended = expect(call(run.signal)).rejects.toThrow('the run is over');
    await begun.promise;
    await delay(READ_MS);
    run.abort(new Error('the run is over'));
    await ended;
    await closed.promise;
  });

  it('that is refused fails in time too', async () => {
    status = 503;
    const failed = expect(api.get('batches/1', new AbortController().signal)).rejects.toMatchObject({
      code: 'MODEL_NETWORK',
    });
    await begun.promise;
    await delay(READ_MS);
    await vi.advanceTimersByTimeAsync(LONG_MS);
    await failed;
  });
});

it('answers that were read before the stall are given out', async () => {
  const lines = api.results('files/batch-1', 'model', new AbortController().signal)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toMatchObject({ key: 'a', refusal: { status: 429 } });
  const rest = expect(lines.next()).rejects.toMatchObject({ code: 'MODEL_NETWORK' });
  await vi.advanceTimersByTimeAsync(LONG_MS);
  await rest;
});
