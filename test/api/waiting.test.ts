import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerOfThisMachine } from '../../functions/api/http/caller.ts';
import { TokenBuckets } from '../../functions/api/http/token-buckets.ts';
import type { ResultView } from '../../shared/results/api/result.ts';
import { answered, idNumber, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({
    MAX_WAITERS: '40',
    ALLOWED_ORIGINS: 'https://shop.example.com',
    RATE_BURST: '10000',
  });
});

afterAll(() => api.close());

const wait = (id: string, seconds: number, signal?: AbortSignal): Promise<Response> =>
  fetch(`${api.url}/v1/results/${id}?wait=${seconds}`, signal ? { signal } : {});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('waiting for a result', () => {
  it('ends as soon as it has ended, for all who wait, at the price of one read each', async () => {
    const id = idNumber(1);
    const now = Date.now();
    await api.write(id, resultAt(now));
    // The listener is open from here on.
    await wait(id, 1);
    const before = api.cloud.firestore.operations().reads;
    const waiting = Array.from({ length: 30 }, () => wait(id, 60));
    await pause(500);
    const began = Date.now();
    await api.write(id, resultAt(now, { status: 'analyzing', updatedAt: new Date(now + 1) }));
    await api.write(id, resultAt(now, answered(began)));
    const views = await Promise.all(waiting.map(async (one) => (await (await one).json()) as ResultView));
    expect(views.every(({ status }) => status === 'completed')).toBe(true);
    expect(Date.now() - began).toBeLessThan(50_000);
    // Thirty first looks, and each change once for the whole instance.
    expect(api.cloud.firestore.operations().reads - before).toBeLessThan(30 + 10);
  });

  it('ends with the time, and says how it stands', async () => {
    const id = idNumber(2);
    await api.write(id, resultAt(Date.now()));
    const began = Date.now();
    const response = await wait(id, 1);
    expect(Date.now() - began).toBeGreaterThanOrEqual(990);
    expect(await response.json()).toMatchObject({ status: 'processing' });
  });

  it('for what does not exist yet sees it come', async () => {
    const id = idNumber(3);
    const waiting = wait(id, 60);
    await pause(300);
    const now = Date.now();
    await api.write(id, resultAt(now, answered(now)));
    expect((await waiting).status).toBe(200);
    expect((await wait(idNumber(0xfff), 1)).status).toBe(404);
  });

  it('sees a result that is parked or deleted', async () => {
    const [parked, deleted] = [idNumber(4), idNumber(5)];
    const now = Date.now();
    await Promise.all([api.write(parked, resultAt(now)), api.write(deleted, resultAt(now))]);
    const waiting = [wait(parked, 60), wait(deleted, 2)];
    await pause(300);
    await api.write(parked, resultAt(now, { status: 'parked', updatedAt: new Date(now + 5) }));
    await api.firestore.doc(`results/${deleted}`).delete();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 404]);
  });

  it('is bounded: who comes when all places are taken is answered at once, and who leaves makes room', async () => {
    const id = idNumber(6);
    await api.write(id, resultAt(Date.now()));
    const leaving = new AbortController();
    const waiting = Array.from({ length: 40 }, () => wait(id, 60, leaving.signal).catch(() => undefined));
    await pause(700);
    const began = Date.now();
    expect((await wait(id, 60)).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(50_000);

    leaving.abort();
    await Promise.all(waiting);
    await pause(300);
    const again = Date.now();
    await wait(id, 1);
    expect(Date.now() - again).toBeGreaterThanOrEqual(990);
  });
});

describe('a page of another site', () => {
  const origin = 'https://shop.example.com';

  it('that is listed may ask before it sends, and read answers', async () => {
    const preflight = await fetch(`${api.url}/v1/images`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    const response = await fetch(`${api.url}/v1/status`, { headers: { Origin: origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('vary')).toContain('Origin');
  });

  it.each([
    'https://evil.example',
    'null',
    'https://shop.example.com.evil.example',
    'http://shop.example.com',
  ])('such as %s may not', async (foreign) => {
    const response = await fetch(`${api.url}/v1/status`, { headers: { Origin: foreign } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('without sign-in', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('%s may call', (address) => {
    expect(callerOfThisMachine(address).identity).toBeUndefined();
  });

  it.each(['10.0.0.5', '::ffff:10.0.0.5', '2a00::1', undefined, ''])('%s may not', (address) => {
    expect(() => callerOfThisMachine(address)).toThrow('open to its own machine only');
  });
});

describe('the rate of a caller', () => {
  it('is a burst at once, then this many a second, and that of nobody else', () => {
    const buckets = new TokenBuckets({ burst: 3, perSecond: 2 });
    expect([0, 0, 0, 0].map(() => buckets.take('mia', 1_000))).toEqual([0, 0, 0, 500]);
    expect(buckets.take('ben', 1_000)).toBe(0);
    expect(buckets.take('mia', 1_499)).toBeGreaterThan(0);
    expect(buckets.take('mia', 1_500)).toBe(0);
    expect([0, 0, 0, 0].map(() => buckets.take('mia', 60_000))).toEqual([0, 0, 0, 500]);
  });

  it('is remembered for a bounded number of callers', () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 1, maxCallers: 100 });
    for (let n = 0; n < 1_000; n += 1) expect(buckets.take(`caller-${n}`, 1_000)).toBe(0);
    expect(buckets.take('caller-999', 1_000)).toBeGreaterThan(0);
  });
});
