import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createLog } from '../../shared/base/log.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import { type Backend, withFailover } from '../../shared/model/gemini/failover.ts';
import { createVertexApi } from '../../shared/model/gemini/vertex-api.ts';
import type { AskModel, ModelRequest } from '../../shared/model/request.ts';
import { picture } from '../support/pipeline.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

const KEY = 'a-key';
const REST_MS = 400;

let developer: GeminiSimulator;
let vertex: GeminiSimulator;
let tokens: TokenServer;
let jpeg: Buffer;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  jpeg = await picture(2);
  tokens = await startTokenServer();
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', tokens.credentials);
  developer = await startGeminiSimulator();
  vertex = await startGeminiSimulator({ openFile: async () => jpeg });
  lines = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([developer.close(), vertex.close(), tokens.close()]);
});

const backends = (): Record<Backend['name'], Backend> => ({
  developer: { name: 'developer', call: createDeveloperApi({ apiKey: KEY, baseUrl: developer.url }) },
  vertex: {
    name: 'vertex',
    call: createVertexApi({ project: 'p', location: 'global', baseUrl: vertex.url }),
  },
});

function failover(first: Backend['name']): AskModel {
  const destination = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  const log = createLog({ service: 'test', destination });
  const { developer: d, vertex: v } = backends();
  return first === 'developer'
    ? withFailover(d, v, { restMs: REST_MS, log })
    : withFailover(v, d, { restMs: REST_MS, log });
}

const request = (): ModelRequest => ({
  model: 'gemini-3.5-flash-lite',
  step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 100 },
  instructions: 'Read.',
  prompt: 'What is it?',
  responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
  image: {
    mimeType: 'image/jpeg',
    uri: 'gs://prepared/one.jpg',
    read: async () => jpeg.toString('base64'),
    exists: async () => true,
  },
});

const ask = async (call: AskModel): Promise<string> =>
  (await call(request(), new AbortController().signal)).end.kind;

const counts = () => ({ developer: developer.calls().length, vertex: vertex.calls().length });

const refuse = (model: GeminiSimulator, fault: 'forbidden403' | 'unauthenticated401') =>
  model.behave({ errorRates: { [fault]: 1 } });

describe('where both ways to Gemini are configured', () => {
  it.each([
    ['developer', 'forbidden403'],
    ['developer', 'unauthenticated401'],
    ['vertex', 'forbidden403'],
    ['vertex', 'unauthenticated401'],
  ] as const)('%s that answers %s is replaced by the other one', async (first, fault) => {
    const [refusing, other] = first === 'developer' ? [developer, vertex] : [vertex, developer];
    refuse(refusing, fault);
    expect(await ask(failover(first))).toBe('answer');
    expect([refusing.calls().length, other.calls().length]).toEqual([1, 1]);
    expect(lines).toMatchObject([
      { severity: 'ERROR', message: 'credentials.refused', backend: first, code: 'MODEL_CREDENTIALS' },
    ]);
    expect(JSON.stringify(lines)).not.toContain(KEY);
  });

  it('the refusal is remembered for a while, said once, and then tried again', async () => {
    refuse(vertex, 'forbidden403');
    const call = failover('vertex');
    for (let i = 0; i < 3; i += 1) await ask(call);
    expect(counts()).toEqual({ vertex: 1, developer: 3 });
    expect(lines).toHaveLength(1);
    vertex.reset();
    await new Promise((resolve) => setTimeout(resolve, REST_MS + 50));
    await ask(call);
    expect(counts()).toEqual({ vertex: 1, developer: 3 });
    expect(lines[1]).toMatchObject({ message: 'credentials.back', backend: 'vertex' });
  });

  it('only when both refuse it is a matter of credentials, and the mended one is found at once', async () => {
    refuse(vertex, 'forbidden403');
    refuse(developer, 'forbidden403');
    const call = failover('vertex');
    await expect(ask(call)).rejects.toMatchObject({
      code: 'MODEL_CREDENTIALS',
      message: expect.stringMatching(/vertex: .*developer: /),
    });
    vertex.reset();
    expect(await ask(call)).toBe('answer');
  });

  it('any other failure is left to the layer that repeats and waits', async () => {
    developer.behave({ errorRates: { server503: 1 } });
    await expect(ask(failover('developer'))).rejects.toMatchObject({ code: 'MODEL_OVERLOADED' });
    expect(counts()).toEqual({ developer: 1, vertex: 0 });
  });

  it('the picture is read only when the Gemini API is asked', async () => {
    let reads = 0;
    const counted = request();
    if ('uri' in counted.image) {
      counted.image.read = async () => {
        reads += 1;
        return jpeg.toString('base64');
      };
    }
    const call = failover('vertex');
    await call(counted, new AbortController().signal);
    expect(reads).toBe(0);
    refuse(vertex, 'forbidden403');
    await call(counted, new AbortController().signal);
    expect(reads).toBe(1);
  });
});
