import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import { KEY, MODEL, RawClient, startWithClock } from './gemini-client.ts';

let server: GeminiSimulator;
let client: RawClient;
let clock: { now: number };
beforeEach(async () => {
  ({ server, clock } = await startWithClock());
  client = await RawClient.to(server);
});
afterEach(() => server.close());

describe('quotas', () => {
  const perMinute = 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier';

  it('per minute tell how long until a request is free again', async () => {
    server.behave({ quotas: { perMinute: 2 } });
    await client.describePicture();
    clock.now += 20_000;
    await client.describePicture();
    clock.now += 5080;
    const { status, body } = await client.describePicture();
    expect([status, body.error.status]).toEqual([429, 'RESOURCE_EXHAUSTED']);
    expect(body.error.message).toMatch(/Please retry in 34\.92s\.$/);
    expect(body.error.details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [
        {
          quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
          quotaId: perMinute,
          quotaDimensions: { location: 'global', model: MODEL },
          quotaValue: '2',
        },
      ],
    });
    expect(body.error.details.at(-1)).toEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: '34.92s',
    });
    clock.now += 34_920;
    expect((await client.describePicture()).status).toBe(200);
  });

  it('of prompt tokens count every picture', async () => {
    server.behave({ quotas: { tokensPerMinute: 2200 } });
    const statuses = [
      await client.describePicture(),
      await client.describePicture(),
      await client.describePicture(),
    ].map((one) => one.status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('per day last until midnight in Los Angeles, whatever the delay says', async () => {
    server.behave({ quotas: { perDay: 1 } });
    await client.describePicture();
    const { body } = await client.describePicture();
    expect(body.error.details[1].violations[0].quotaId).toContain('PerDay');
    expect(body.error.details.at(-1).retryDelay).toBe('3s');
    clock.now += 20_000;
    expect((await client.describePicture()).status).toBe(429);
    clock.now += 20_000;
    expect((await client.describePicture()).status).toBe(200);
  });

  it("are each model's own", async () => {
    server.behave({ models: { [MODEL]: { quotas: { perMinute: 0 } } } });
    expect((await client.describePicture()).status).toBe(429);
    expect((await client.describePicture({}, 'gemini-3.8-flash')).status).toBe(200);
  });
});

describe('context caches', () => {
  const long = 'Read every label with care. '.repeat(700);
  const cached = {
    model: `models/${MODEL}`,
    contents: [{ role: 'user', parts: [{ text: long }] }],
    ttl: '60s',
  };

  it('hold what is long enough, and show in the usage of calls that use them', async () => {
    const { body: cache } = await client.call('v1beta/cachedContents', cached);
    expect(cache.usageMetadata.totalTokenCount).toBe(4900);
    const { body } = await client.describePicture({ cachedContent: cache.name });
    expect(body.usageMetadata).toMatchObject({ promptTokenCount: 5970, cachedContentTokenCount: 4900 });
  });

  it('count pictures at the resolution of each part, by modality, and are on the bill for their time', async () => {
    const level = 'MEDIA_RESOLUTION_LOW';
    const reference = { ...client.picturePart, mediaResolution: { level } };
    const { body: cache } = await client.call('v1beta/cachedContents', {
      ...cached,
      contents: [{ role: 'user', parts: [reference, { text: long }] }],
    });
    expect(cache.usageMetadata.totalTokenCount).toBe(4900 + 266);
    const { body } = await client.describePicture({ cachedContent: cache.name });
    expect(body.usageMetadata).toMatchObject({
      cachedContentTokenCount: 4900 + 266,
      cacheTokensDetails: [
        { modality: 'TEXT', tokenCount: 4900 },
        { modality: 'IMAGE', tokenCount: 266 },
      ],
      promptTokensDetails: expect.arrayContaining([{ modality: 'IMAGE', tokenCount: 266 + 1064 }]),
    });
    expect(server.bill().contexts).toEqual({
      [`${MODEL}@local-reader`]: { made: 5166, tokenHours: 5166 / 60 },
    });
  });

  it('refuse what is too small', async () => {
    const { status, body } = await client.call('v1beta/cachedContents', {
      ...cached,
      contents: [{ parts: [{ text: 'hi' }] }],
    });
    expect([status, body.error.message]).toEqual([
      400,
      'Cached content is too small. total_token_count=1, min_total_token_count=4096',
    ]);
  });

  it('live for their time, can be extended and deleted', async () => {
    const { body: cache } = await client.call('v1beta/cachedContents', cached);
    clock.now += 50_000;
    await client.call(`v1beta/${cache.name}`, { ttl: '60s' }, { method: 'PATCH' });
    clock.now += 50_000;
    expect((await client.call(`v1beta/${cache.name}`)).status).toBe(200);
    await client.call(`v1beta/${cache.name}`, undefined, { method: 'DELETE' });
    const gone = await client.describePicture({ cachedContent: cache.name });
    expect([gone.status, gone.body.error.message]).toEqual([
      403,
      'CachedContent not found (or permission denied)',
    ]);
  });

  it('belong to one model', async () => {
    const { body: cache } = await client.call('v1beta/cachedContents', cached);
    const { body } = await client.describePicture({ cachedContent: cache.name }, 'gemini-3.8-flash');
    expect(body.error.message).toContain('has to be the same.');
  });
});

describe('as a process of its own', () => {
  it('tells its address, is programmed over HTTP and ends when told', async () => {
    const main = join(import.meta.dirname, '../../local/gemini/main.ts');
    const env = { ...process.env, GEMINI_SIMULATOR_READER: 'none', GEMINI_SIMULATOR_KEYS: KEY };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const { url } = JSON.parse(String(line)) as { url: string };
    const program = (path: string, body: unknown) =>
      fetch(`${url}/_control/${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await program('behavior', { latency: 5 })).status).toBe(400);
    expect((await program('behavior', { script: [{ fault: 'server503' }] })).status).toBe(200);
    const ask = () =>
      fetch(`${url}/v1/models/${MODEL}:generateContent?key=${KEY}`, {
        method: 'POST',
        body: JSON.stringify({ contents: [{ parts: [client.picturePart] }] }),
      });
    expect([(await ask()).status, (await ask()).status]).toEqual([503, 200]);
    const { calls } = (await (await fetch(`${url}/_control/calls`)).json()) as {
      calls: { outcome: string }[];
    };
    expect(calls.map((one) => one.outcome)).toEqual(['UNAVAILABLE', 'STOP']);
    expect(await (await fetch(`${url}/_control/bill`)).json()).toMatchObject({ total: { calls: 1 } });
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
