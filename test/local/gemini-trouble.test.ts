import { GoogleGenerativeAI, GoogleGenerativeAIFetchError } from '@google/generative-ai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GeminiSimulator, startGeminiSimulator } from '../../local/gemini/server.ts';
import { seededRandom } from '../../shared/base/seeded-random.ts';
import { KEY, MODEL, RawClient, startWithClock } from './gemini-client.ts';

let server: GeminiSimulator;
let client: RawClient;
let clock: { now: number };
beforeEach(async () => {
  ({ server, clock } = await startWithClock());
  client = await RawClient.to(server);
});
afterEach(() => server.close());

describe('trouble on demand', () => {
  it.each([
    ['credit402', 402, 'RESOURCE_EXHAUSTED'],
    ['unauthenticated401', 401, 'UNAUTHENTICATED'],
    ['forbidden403', 403, 'PERMISSION_DENIED'],
    ['pool429', 429, 'RESOURCE_EXHAUSTED'],
    ['spend429', 429, 'RESOURCE_EXHAUSTED'],
    ['timeout408', 408, 'DEADLINE_EXCEEDED'],
    ['tooLarge413', 413, 'INVALID_ARGUMENT'],
    ['server500', 500, 'INTERNAL'],
    ['server503', 503, 'UNAVAILABLE'],
    ['server504', 504, 'DEADLINE_EXCEEDED'],
  ] as const)('%s is answered %i', async (fault, code, status) => {
    server.behave({ script: [{ fault }] });
    const answer = await client.describePicture();
    expect([answer.status, answer.body.error.code, answer.body.error.status]).toEqual([code, code, status]);
    expect((await client.describePicture()).status).toBe(200);
  });

  it.each([
    ['safety', 'SAFETY'],
    ['recitation', 'RECITATION'],
    ['prohibited', 'PROHIBITED_CONTENT'],
    ['spii', 'SPII'],
    ['blocklist', 'BLOCKLIST'],
    ['imageSafety', 'IMAGE_SAFETY'],
    ['malformedResponse', 'MALFORMED_RESPONSE'],
    ['unknownFinish', 'FINISH_REASON_OF_TOMORROW'],
    ['noContent', 'OTHER'],
  ] as const)('%s ends a reply with %s and nothing said', async (fault, finishReason) => {
    server.behave({ script: [{ fault }] });
    const { status, body } = await client.describePicture();
    expect([status, body.candidates[0].finishReason]).toEqual([200, finishReason]);
    expect(body.candidates[0].content).toBeUndefined();
  });

  it('a blocked prompt has a reason and no candidates', async () => {
    server.behave({ script: [{ fault: 'blockedPrompt' }] });
    const { body } = await client.describePicture();
    expect(body.candidates).toBeUndefined();
    expect(body.promptFeedback.blockReason).toBe('PROHIBITED_CONTENT');
  });

  it('JSON comes cut off, fenced, malformed, of another shape, or not at all', async () => {
    const faults = ['cutOff', 'fenced', 'malformed', 'wrongShape', 'empty'] as const;
    server.behave({ script: faults.map((fault) => ({ fault })) });
    const responseJsonSchema = { type: 'object', properties: { width: { type: 'integer' } } };
    const generationConfig = { responseMimeType: 'application/json', responseJsonSchema };
    const texts: unknown[] = [];
    for (const _ of faults) {
      const { body } = await client.describePicture({ generationConfig });
      texts.push([body.candidates[0].finishReason, body.candidates[0].content.parts?.[0].text]);
    }
    expect(texts).toEqual([
      ['MAX_TOKENS', '{"width"'],
      ['STOP', '```json\n{"width":800}\n```'],
      ['STOP', '{"width":800,,'],
      ['STOP', '{"unexpected":["shape"]}'],
      ['STOP', undefined],
    ]);
  });

  it('a connection is reset before or amid the answer', async () => {
    server.behave({ script: [{ fault: 'reset' }, { fault: 'resetMidBody' }] });
    await expect(client.describePicture()).rejects.toThrow();
    await expect(client.describePicture()).rejects.toThrow();
    expect(server.calls().map((one) => [one.outcome, one.status])).toEqual([
      ['reset', 0],
      ['resetMidBody', 0],
    ]);
  });

  it('a call hangs until its client gives up', async () => {
    server.behave({ script: [{ fault: 'hang' }] });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 150);
    const body = JSON.stringify({ contents: [{ parts: [client.picturePart] }] });
    const hanging = client.call(`v1beta/models/${MODEL}:generateContent`, undefined, {
      method: 'POST',
      body,
      signal: abort.signal,
    });
    await expect(hanging).rejects.toThrow('aborted');
  });

  it('an outage lasts until its end', async () => {
    server.behave({ outageUntil: clock.now + 1000 });
    expect((await client.describePicture()).status).toBe(503);
    clock.now += 1000;
    expect((await client.describePicture()).status).toBe(200);
  });

  it('a recorded reply is played back as it was', async () => {
    const reply = { status: 200, body: { candidates: [{ finishReason: 'OTHER' }] } };
    server.behave({ script: [{ reply, times: 2 }] });
    expect(await client.describePicture()).toEqual(reply);
    expect(await client.describePicture()).toEqual(reply);
    expect((await client.describePicture()).body.candidates[0].finishReason).toBe('STOP');
  });

  it('a given answer is given, and billed as an answer', async () => {
    server.behave({ script: [{ json: { sku: 'A' }, model: MODEL }] });
    expect((await client.describePicture()).body.candidates[0].content.parts[0].text).toBe('{"sku":"A"}');
  });

  it('an answer for a resolution waits for the call that asks for it, of the whole request or of a picture', async () => {
    server.behave({ script: [{ json: 'high', mediaResolution: 'HIGH', times: 2 }, { json: 'any' }] });
    const high = { mediaResolution: 'MEDIA_RESOLUTION_HIGH' };
    const parts = [client.picturePart, { text: 'What is it?' }];
    const textOf = async (request: object): Promise<string> =>
      (await client.generate(request)).body.candidates[0].content.parts[0].text;
    expect(await textOf({ contents: [{ parts }] })).toBe('"any"');
    expect(await textOf({ contents: [{ parts }], generationConfig: high })).toBe('"high"');
    const [picture, question] = parts;
    const ofPicture = { ...picture, mediaResolution: { level: high.mediaResolution } };
    expect(await textOf({ contents: [{ parts: [ofPicture, question] }] })).toBe('"high"');
  });

  it('error shares repeat with the seed', async () => {
    const run = async () => {
      const seeded = await startGeminiSimulator({
        random: seededRandom(7),
        behavior: { errorRates: { server503: 0.3, quota429: 0.2 } },
      });
      const sdk = new GoogleGenerativeAI(KEY).getGenerativeModel({ model: MODEL }, { baseUrl: seeded.url });
      const statuses: number[] = [];
      for (let index = 0; index < 30; index += 1) {
        await sdk.generateContent('hello').then(
          () => statuses.push(200),
          (error: GoogleGenerativeAIFetchError) => statuses.push(error.status ?? 0),
        );
      }
      await seeded.close();
      return statuses;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set([200, 503, 429]));
    expect(await run()).toEqual(first);
  });

  it('the real client sees the quota details of a 429', async () => {
    server.behave({ script: [{ fault: 'quota429', retryDelaySeconds: 34.4 }] });
    const sdk = new GoogleGenerativeAI(KEY).getGenerativeModel({ model: MODEL }, { baseUrl: server.url });
    const error = await sdk.generateContent('hello').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GoogleGenerativeAIFetchError);
    expect((error as GoogleGenerativeAIFetchError).errorDetails?.at(-1)).toMatchObject({
      retryDelay: '34.4s',
    });
  });
});

describe('time', () => {
  it('passes before an answer as the latency says, scaled', async () => {
    const real = await startGeminiSimulator({ behavior: { latencyMs: 120_000, timeScale: 0.002 } });
    const startedAt = performance.now();
    await fetch(`${real.url}/v1beta/models/${MODEL}:generateContent?key=k`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'hello' }] }] }),
    });
    expect(performance.now() - startedAt).toBeGreaterThan(230);
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    await real.close();
  });
});
