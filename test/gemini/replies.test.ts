import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { createDeveloperApi } from '../../shared/model/gemini/developer-api.ts';
import type { AskModel, ModelReply, ModelRequest } from '../../shared/model/request.ts';
import { error, quota, retryInfo } from './google-errors.ts';

const MODEL = 'gemini-3.5-flash-lite';
const recorded = fileURLToPath(new URL('../../../shared/fixtures/gemini-replies/', import.meta.url));

let simulator: GeminiSimulator;
let call: AskModel;
beforeAll(async () => {
  simulator = await startGeminiSimulator();
  call = createDeveloperApi({ apiKey: 'AIzaSyTestKey-0123456789', baseUrl: simulator.url });
});
afterAll(() => simulator.close());

const REQUEST: ModelRequest = {
  model: MODEL,
  step: { mediaResolution: 'LOW', thinkingLevel: 'minimal', maxOutputTokens: 100 },
  instructions: 'Read.',
  prompt: 'What is it?',
  responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
  image: {
    mimeType: 'image/png',
    base64:
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  },
};

/** What the real client and our reading make of this answer of the API. */
function replyTo(status: number, body: unknown, headers: Record<string, string> = {}): Promise<ModelReply> {
  simulator.behave({ script: [{ reply: { status, body: body as string, headers } }] });
  return call(REQUEST, new AbortController().signal);
}

describe('an error of the API', () => {
  it.each([
    [400, error(400, 'Unknown field'), 'MODEL_REJECTED_REQUEST'],
    [
      400,
      error(400, 'API key not valid.', [{ '@type': 'x/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }]),
      'MODEL_CREDENTIALS',
    ],
    [401, error(401, 'Unauthenticated'), 'MODEL_CREDENTIALS'],
    [403, error(403, 'Permission denied'), 'MODEL_CREDENTIALS'],
    [402, error(402, 'Credit gone', [], 'RESOURCE_EXHAUSTED'), 'MODEL_CREDIT'],
    [404, error(404, 'models/x is not found'), 'MODEL_NOT_FOUND'],
    [408, error(408, 'Timeout'), 'MODEL_TIMEOUT'],
    [413, error(413, 'Too large'), 'MODEL_REQUEST_TOO_LARGE'],
    [429, error(429, 'Resource exhausted, please try again later.'), 'MODEL_QUOTA_MINUTE'],
    [
      429,
      error(429, 'Quota', [quota('GenerateRequestsPerDayPerProjectPerModel'), retryInfo('3s')]),
      'MODEL_QUOTA_DAY',
    ],
    [500, error(500, 'Internal'), 'MODEL_OVERLOADED'],
    [503, error(503, 'The model is overloaded.'), 'MODEL_OVERLOADED'],
    [504, error(504, 'Deadline expired'), 'MODEL_TIMEOUT'],
    [502, '<html>bad gateway</html>', 'MODEL_OVERLOADED'],
  ])('HTTP %i %j is %s', async (status, body, code) => {
    await expect(replyTo(status, body)).rejects.toMatchObject({ code, facts: { httpStatus: status } });
  });

  it('tells its wait in the body, in fractions of a second', async () => {
    await expect(replyTo(429, error(429, 'Quota', [retryInfo('34.4s')]))).rejects.toMatchObject({
      facts: { retryAfterMs: 34_400 },
    });
  });

  it('tells its wait in the header Retry-After, and the longer of both counts', async () => {
    const headers = { 'Retry-After': '50' };
    await expect(replyTo(503, error(503, 'Overloaded'), headers)).rejects.toMatchObject({
      facts: { retryAfterMs: 50_000 },
    });
    await expect(replyTo(429, error(429, 'Quota', [retryInfo('7s')]), headers)).rejects.toMatchObject({
      facts: { retryAfterMs: 50_000 },
    });
  });

  it('never carries the key, wherever Google repeats it', async () => {
    const key = 'AIzaSyTestKey-0123456789';
    const details = [{ '@type': 'x/google.rpc.DebugInfo', detail: `Invalid API key: ${key}` }];
    const failure = await replyTo(400, error(400, `The key ${key} is wrong`, details)).catch(
      (thrown: unknown) => thrown as Error,
    );
    const seen = [
      failure instanceof Error ? failure.message : '',
      String((failure as Error).cause),
      JSON.stringify(failure),
    ];
    expect(seen.join(' ')).not.toContain(key);
  });
});

describe('a connection', () => {
  it.each(['reset', 'resetMidBody', 'notJson'] as const)(
    'that ends in %s is a network failure',
    async (fault) => {
      simulator.behave({ script: [{ fault }] });
      await expect(call(REQUEST, new AbortController().signal)).rejects.toMatchObject({
        code: 'MODEL_NETWORK',
      });
    },
  );

  it('that nobody listens on is a network failure', async () => {
    const nobody = createDeveloperApi({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' });
    await expect(nobody(REQUEST, new AbortController().signal)).rejects.toMatchObject({
      code: 'MODEL_NETWORK',
    });
  });

  it('is not even opened for a call that was given up before', async () => {
    const before = simulator.calls().length;
    await expect(call(REQUEST, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up');
    expect(simulator.calls()).toHaveLength(before);
  });
});

describe.skipIf(!existsSync(recorded))('a recorded reply', () => {
  const names = existsSync(recorded) ? readdirSync(recorded).filter((name) => name.endsWith('.json')) : [];
  it.each(names)('%s is read or refused with a code, never with a crash', async (name) => {
    const body = JSON.parse(readFileSync(`${recorded}${name}`, 'utf8')) as { error?: { code: number } };
    const end = await replyTo(body.error?.code ?? 200, body).then(
      (reply) => reply.end.kind,
      (thrown: unknown) => (thrown as { code?: string }).code,
    );
    expect(end).toEqual(expectedOf(name));
  });

  function expectedOf(name: string): unknown {
    if (name.includes('429')) return 'MODEL_QUOTA_MINUTE';
    if (/api-key/.test(name)) return 'MODEL_CREDENTIALS';
    if (/not-enabled/.test(name)) return 'MODEL_CREDENTIALS';
    if (/not-found|unknown-model/.test(name)) return 'MODEL_NOT_FOUND';
    if (/http-error|image-rejected/.test(name)) return 'MODEL_REJECTED_REQUEST';
    if (/safety|prompt-feedback/.test(name) && name.includes('failure')) return 'blocked';
    // Its finish reason is OTHER.
    if (/with-message-no-content/.test(name)) return 'declined';
    if (/unknown-enum/.test(name)) return 'odd-finish';
    if (/generate-images|invalid-response|total-tokens|no-billable/.test(name)) return 'empty';
    if (/function-call-(?!mixed|thought)|image-invalid-safety/.test(name)) return 'empty';
    return expect.stringMatching(/^(answer|empty)$/);
  }
});
