import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { ModelRequest } from '../../shared/model/request.ts';

const ANSWER = JSON.stringify({
  candidates: [{ content: { parts: [{ text: '{"a":"b"}' }] }, finishReason: 'STOP' }],
});

const requestOf = (base64: string): ModelRequest => ({
  model: 'gemini-3.5-flash-lite',
  step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 100 },
  instructions: 'Read: größer, 日本.',
  prompt: 'What is it?',
  responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
  image: { mimeType: 'image/jpeg', base64 },
});
const SMALL = requestOf('AAAA');

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => void close()));

async function serving(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  apiKey = 'a-key',
): Promise<ReturnType<typeof createDeveloperApi>> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return createDeveloperApi({ apiKey, baseUrl: `http://127.0.0.1:${port}` });
}

const never = new AbortController().signal;

describe('a call of the Gemini API', () => {
  it('is sent whole, whatever characters it holds', async () => {
    let seen: { systemInstruction?: { parts: { text: string }[] } } = {};
    const call = await serving(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen = JSON.parse(Buffer.concat(chunks).toString()) as typeof seen;
      response.end(ANSWER);
    });
    await expect(call(SMALL, never)).resolves.toMatchObject({ end: { kind: 'answer' } });
    expect(seen.systemInstruction?.parts[0]?.text).toBe('Read: größer, 日本.');
  });

  it('takes a key that ends with a line break', async () => {
    let key: unknown;
    const call = await serving((request, response) => {
      key = request.headers['x-goog-api-key'];
      request.resume().once('end', () => response.end(ANSWER));
    }, 'a-key\n');
    await call(SMALL, never);
    expect(key).toBe('a-key');
  });

  it.each(['ends', 'is reset'])('obeys a refusal whose connection %s before its last word', async (how) => {
    const call = await serving((request, response) => {
      request.resume().once('end', () => {
        response.writeHead(429, { 'Retry-After': '60', 'Content-Length': '1000' });
        response.write('{"error":', () => {
          if (how === 'ends') response.socket?.end();
          else response.socket?.resetAndDestroy();
        });
      });
    });
    await expect(call(SMALL, never)).rejects.toMatchObject({
      code: 'MODEL_QUOTA_MINUTE',
      facts: { retryAfterMs: 60_000 },
    });
  });

  it('ends with a refusal that comes before the picture was read', async () => {
    let closed = Promise.resolve();
    const call = await serving((request, response) => {
      closed = new Promise((resolve) => request.socket.once('close', () => resolve()));
      response.writeHead(413).end('{"error":{"message":"too large"}}');
    });
    await expect(call(requestOf('A'.repeat(12_000_000)), never)).rejects.toMatchObject({
      code: 'MODEL_REQUEST_TOO_LARGE',
    });
    await closed;
  });

  it('is not made when it was given up while its picture was read', async () => {
    let calls = 0;
    const call = await serving(() => {
      calls += 1;
    });
    const controller = new AbortController();
    const read = async () => {
      controller.abort(new Error('given up'));
      return 'AAAA';
    };
    const image = { mimeType: 'image/jpeg', uri: 'gs://b/a', read, exists: async () => true };
    await expect(call({ ...SMALL, image }, controller.signal)).rejects.toThrow('given up');
    expect(calls).toBe(0);
  });

  it('ends at once when it is given up on its way', async () => {
    const controller = new AbortController();
    const call = await serving((_request, response) => {
      response.writeHead(200).write('{');
      controller.abort(new Error('given up'));
    });
    await expect(call(SMALL, controller.signal)).rejects.toThrow('given up');
  });
});
