import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createVertexApi } from '../../shared/model/gemini/vertex-api.ts';
import type { AskModel, ModelReply, ModelRequest, StoredPicture } from '../../shared/model/request.ts';
import { picture } from '../support/pipeline.ts';
import { startTokenServer, type TokenServer } from '../support/token-server.ts';

export const MODEL = 'gemini-3.5-flash-lite';
export const URI = 'gs://prepared/one.jpg';

/** Vertex AI as the simulator plays it, a token server, and a bucket with one picture. */
export interface VertexCalls {
  simulator: GeminiSimulator;
  tokens: TokenServer;
  jpeg: Buffer;
  /** What is in buckets, by address. */
  stored: Map<string, Buffer>;
  inBucket(): StoredPicture;
  request(more?: Partial<ModelRequest>): ModelRequest;
  ask(more?: Partial<ModelRequest>, signal?: AbortSignal): Promise<ModelReply>;
  /** What becomes of a call that is answered so. */
  replyTo(status: number, body: unknown, headers?: Record<string, string>): Promise<ModelReply>;
}

export const vertexAt = (baseUrl: string): AskModel =>
  createVertexApi({ project: 'my-project', location: 'global', baseUrl });

/** Prepares both servers for the tests of the file it is called in; the returned function gives them. */
export function useVertex(): () => VertexCalls {
  let calls: VertexCalls;
  beforeAll(async () => {
    calls = await start();
  });
  beforeEach(() => {
    calls.stored.set(URI, calls.jpeg);
    calls.simulator.reset();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await calls.simulator.close();
    await calls.tokens.close();
  });
  return () => calls;
}

async function start(): Promise<VertexCalls> {
  const stored = new Map<string, Buffer>();
  const jpeg = await picture(1);
  const tokens = await startTokenServer();
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', tokens.credentials);
  const simulator = await startGeminiSimulator({
    openFile: async (uri) => {
      const bytes = stored.get(uri);
      if (!bytes) throw new Error('no such object');
      return bytes;
    },
  });
  const call = vertexAt(simulator.url);
  const inBucket = (): StoredPicture => ({
    mimeType: 'image/jpeg',
    uri: URI,
    read: vi.fn(async () => jpeg.toString('base64')),
    exists: async () => stored.has(URI),
  });
  const request = (more: Partial<ModelRequest> = {}) => ({ ...QUESTION, image: inBucket(), ...more });
  const ask: VertexCalls['ask'] = (more, signal = new AbortController().signal) =>
    call(request(more), signal);
  const replyTo: VertexCalls['replyTo'] = (status, body, headers = {}) => {
    simulator.behave({ script: [{ reply: { status, body: body as string, headers } }] });
    return ask();
  };
  return { simulator, tokens, jpeg, stored, inBucket, request, ask, replyTo };
}

const QUESTION: Omit<ModelRequest, 'image'> = {
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
};
