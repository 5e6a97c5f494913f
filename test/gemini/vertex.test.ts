import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import type { GenerateContent, ModelReply, ModelRequest, StoredPicture } from '../../shared/gemini/model.ts';
import { createVertexApi } from '../../shared/gemini/vertex-api.ts';
import { picture } from '../support/pipeline.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

const MODEL = 'gemini-3.5-flash-lite';
const URI = 'gs://prepared/one.jpg';

let simulator: GeminiSimulator;
let tokens: TokenServer;
let call: GenerateContent;
let jpeg: Buffer;
const stored = new Map<string, Buffer>();

beforeAll(async () => {
  jpeg = await picture(1);
  tokens = await startTokenServer();
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', tokens.credentials);
  simulator = await startGeminiSimulator({
    openFile: async (uri) => {
      const bytes = stored.get(uri);
      if (!bytes) throw new Error('no such object');
      return bytes;
    },
  });
  call = vertexAt(simulator.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await simulator.close();
  await tokens.close();
});
beforeEach(() => {
  stored.set(URI, jpeg);
  simulator.reset();
});

const vertexAt = (baseUrl: string): GenerateContent =>
  createVertexApi({ project: 'my-project', location: 'global', baseUrl });

const inBucket = (read = vi.fn(async () => jpeg.toString('base64'))): StoredPicture => ({
  mimeType: 'image/jpeg',
  uri: URI,
  read,
  exists: async () => stored.has(URI),
});

const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: MODEL,
  step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 100 },
  instructions: 'Read.',
  prompt: 'What is it?',
  responseSchema: {
    type: 'OBJECT',
    properties: { a: { type: 'STRING' }, list: { type: 'ARRAY', items: { type: 'INTEGER' }, maxItems: 3 } },
    required: ['a'],
    propertyOrdering: ['a', 'list'],
  },
  image: inBucket(),
  ...more,
});

const ask = (more: Partial<ModelRequest> = {}, signal = new AbortController().signal): Promise<ModelReply> =>
  call(request(more), signal);

const replyTo = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<ModelReply> => {
  simulator.behave({ script: [{ reply: { status, body: body as string, headers } }] });
  return ask();
};

const error = (code: number, message: string, details: object[] = [], status = 'X') => ({
  error: { code, message, status, details },
});
const retryInfo = (retryDelay: string) => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
});
const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
});

/** A server that keeps what it was sent. */
async function listening(answer: object): Promise<{
  url: string;
  received: { path: string; headers: NodeJS.Dict<string | string[]>; body: string }[];
  close(): void;
}> {
  const received: { path: string; headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    received.push({
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received, close: () => server.close() };
}

describe('a call of Vertex AI', () => {
  it('names the picture, sends a token and never the bytes', async () => {
    const server = await listening({
      candidates: [{ content: { parts: [{ text: '{"a":"b"}' }] }, finishReason: 'STOP' }],
    });
    const image = inBucket();
    const reply = await vertexAt(server.url)(request({ image }), new AbortController().signal);
    server.close();
    expect(reply.end).toEqual({ kind: 'answer', text: '{"a":"b"}' });
    expect(image.read).not.toHaveBeenCalled();
    const [{ path, headers, body } = { path: '', headers: {}, body: '{}' }] = server.received;
    expect(path).toBe(
      `/v1beta1/projects/my-project/locations/global/publishers/google/models/${MODEL}:generateContent`,
    );
    expect(headers['authorization']).toBe(`Bearer ${tokens.token}`);
    expect(headers).not.toHaveProperty('x-goog-api-key');
    expect(JSON.parse(body)).toEqual({
      contents: [
        {
          role: 'user',
          parts: [{ fileData: { mimeType: 'image/jpeg', fileUri: URI } }, { text: 'What is it?' }],
        },
      ],
      systemInstruction: { role: 'user', parts: [{ text: 'Read.' }] },
      generationConfig: {
        maxOutputTokens: 100,
        responseMimeType: 'application/json',
        responseSchema: request().responseSchema,
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        thinkingConfig: { thinkingLevel: 'MINIMAL' },
      },
    });
    expect(server.received).toHaveLength(1);
  });

  it('is answered about the picture in the bucket, and billed as the reply says', async () => {
    const reply = await ask();
    expect(reply.end.kind).toBe('answer');
    expect(reply.modelVersion).toContain(MODEL);
    expect(reply.usage).toMatchObject({ image: expect.any(Number) });
    expect(simulator.calls()).toMatchObject([
      { api: 'vertex', status: 200, images: [{ width: 320, height: 240, bytes: jpeg.length }] },
    ]);
  });

  it('carries the picture along when it is in no bucket', async () => {
    const image = { mimeType: 'image/jpeg', base64: jpeg.toString('base64') };
    expect((await ask({ image })).end.kind).toBe('answer');
  });

  it('repeats an answer that was wrong with what was wrong about it', async () => {
    const reply = await ask({ repair: { answer: '{}', issues: 'a is missing' } });
    expect(reply.end.kind).toBe('answer');
  });

  it.each([
    ['blockedPrompt', { kind: 'blocked' }],
    ['safety', { kind: 'blocked', reason: 'SAFETY' }],
    ['empty', { kind: 'empty' }],
    ['unknownFinish', { kind: 'odd-finish' }],
  ] as const)('that meets %s is read as what it is, and made once', async (fault, end) => {
    simulator.behave({ script: [{ fault }] });
    expect((await ask()).end).toMatchObject(end);
    expect(simulator.calls()).toHaveLength(1);
  });
});

describe('a failure of Vertex AI', () => {
  it.each([
    [400, error(400, 'Unknown field'), 'MODEL_REJECTED_REQUEST'],
    [401, error(401, 'Unauthenticated'), 'MODEL_CREDENTIALS'],
    [403, error(403, 'Permission denied on aiplatform.endpoints.predict'), 'MODEL_CREDENTIALS'],
    [402, error(402, 'Credit gone', [], 'RESOURCE_EXHAUSTED'), 'MODEL_CREDIT'],
    [404, error(404, 'Publisher Model was not found'), 'MODEL_NOT_FOUND'],
    [408, error(408, 'Timeout'), 'MODEL_TIMEOUT'],
    [413, error(413, 'Too large'), 'MODEL_REQUEST_TOO_LARGE'],
    [429, error(429, 'Resource exhausted, please try again later.'), 'MODEL_QUOTA_MINUTE'],
    [429, error(429, 'Quota', [quota('RequestsPerDay'), retryInfo('3s')]), 'MODEL_QUOTA_DAY'],
    [500, error(500, 'Internal'), 'MODEL_OVERLOADED'],
    [503, error(503, 'Overloaded'), 'MODEL_OVERLOADED'],
    [504, error(504, 'Deadline expired'), 'MODEL_TIMEOUT'],
    [502, '<html>bad gateway</html>', 'MODEL_OVERLOADED'],
  ])('HTTP %i %j is %s, and the call is made once', async (status, body, code) => {
    await expect(replyTo(status, body)).rejects.toMatchObject({ code, facts: { httpStatus: status } });
    expect(simulator.calls()).toHaveLength(1);
  });

  it('tells its wait in the body or in the header, and the longer of both counts', async () => {
    await expect(replyTo(429, error(429, 'Quota', [retryInfo('34.4s')]))).rejects.toMatchObject({
      facts: { retryAfterMs: 34_400 },
    });
    const headers = { 'Retry-After': '50' };
    await expect(replyTo(429, error(429, 'Quota', [retryInfo('7s')]), headers)).rejects.toMatchObject({
      facts: { retryAfterMs: 50_000 },
    });
  });

  it('never carries a token', async () => {
    const token = 'ya29.c.b0AXv0zTPsecret_0123456789-abc';
    const failure = await replyTo(400, error(400, `Bad token ${token}`)).catch((thrown: Error) => thrown);
    const { message, cause } = failure as Error;
    expect(message).toContain('[key]');
    expect(`${message} ${String(cause)} ${JSON.stringify(failure)}`).not.toContain('secret');
  });

  it.each(['reset', 'resetMidBody', 'notJson'] as const)(
    'of the connection (%s) is one of the network',
    async (fault) => {
      simulator.behave({ script: [{ fault }] });
      await expect(ask()).rejects.toMatchObject({ code: 'MODEL_NETWORK' });
    },
  );

  it('to be there at all is one of the network', async () => {
    await expect(
      vertexAt('http://127.0.0.1:9')(request(), new AbortController().signal),
    ).rejects.toMatchObject({ code: 'MODEL_NETWORK' });
  });

  it('to find the model names it as Vertex AI does', async () => {
    await expect(ask({ model: 'gemini-0' })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('projects/my-project/locations/global'),
    });
  });
});

describe('a picture in a bucket', () => {
  it('that is gone is a source that is gone, not a wrong request', async () => {
    stored.clear();
    await expect(ask()).rejects.toMatchObject({ code: 'SOURCE_GONE' });
  });

  it('that Vertex AI may not read, while it is there, is a matter of access', async () => {
    await expect(replyTo(403, error(403, 'service agent lacks access'))).rejects.toMatchObject({
      code: 'MODEL_CREDENTIALS',
    });
  });
});

describe('a call that is given up', () => {
  it('ends with the reason of whoever gave it up', async () => {
    simulator.behave({ script: [{ json: { a: 'late' }, latencyMs: 60_000 }] });
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('out of time')), 100);
    await expect(ask({}, controller.signal)).rejects.toThrow('out of time');
    await expect.poll(() => simulator.calls()[0]?.outcome).toBe('client gone');
  });

  it('before it began is not made', async () => {
    await expect(ask({}, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
    expect(simulator.calls()).toHaveLength(0);
  });
});

describe('credentials', () => {
  /** A client that has no token yet. */
  const tokenless = (): Promise<unknown> =>
    vertexAt(simulator.url)(request(), new AbortController().signal).catch((thrown: unknown) => thrown);

  it('are exchanged for one token that serves many calls', async () => {
    const fresh = vertexAt(simulator.url);
    const before = tokens.issued();
    await Promise.all([1, 2, 3].map(() => fresh(request(), new AbortController().signal)));
    await fresh(request(), new AbortController().signal);
    expect(tokens.issued() - before).toBe(1);
  });

  it('that cannot be read are a matter of access, said without their place', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', `${tokens.credentials}.missing`);
    const failure = await tokenless();
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', tokens.credentials);
    expect(failure).toMatchObject({ code: 'MODEL_CREDENTIALS' });
    expect(String((failure as Error).cause)).not.toContain(tokens.credentials);
    expect(simulator.calls()).toHaveLength(0);
  });

  it.each([
    [400, 'MODEL_CREDENTIALS'],
    [403, 'MODEL_CREDENTIALS'],
    [503, 'MODEL_NETWORK'],
  ])('that the token server answers %i are %s, and it never carries them', async (status, code) => {
    tokens.answer(status);
    const failure = (await tokenless()) as Error;
    tokens.answer(200);
    expect(failure).toMatchObject({ code });
    expect(`${failure.message} ${String(failure.cause)}`).not.toContain('subject-secret');
    expect(simulator.calls()).toHaveLength(0);
  });
});
