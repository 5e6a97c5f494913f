import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReviewTurnView } from '../../shared/results/api/answers.ts';
import type { Stats } from '../../shared/results/api/figures.ts';
import type { ResultView } from '../../shared/results/api/result.ts';
import type { ReviewReason } from '../../shared/results/document.ts';
import { weekOf } from '../../shared/results/satisfaction.ts';
import { checkedToken } from './contract/exchange.ts';
import { answered, idNumber, preparedAs, resultAt } from './documents.ts';
import { type RunningApi, startApi } from './running-api.ts';

const ANA = 'ana@example.com';
const BEN = 'ben@example.com';
/** No operator. */
const EVE = 'eve@example.com';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi({ K_SERVICE: 'api', API_OPERATORS: `${ANA},${BEN}`, FIGURES_CACHE_MS: '0' });
});
afterAll(() => api.close());

/** An answer that has waited for so many seconds. */
async function waits(
  n: number,
  seconds: number,
  because: ReviewReason = 'unsure',
  { profile = 'inventory', uploader = 'mia' } = {},
) {
  const now = Date.now();
  const { source, ...document } = resultAt(now - seconds * 1_000, {
    ...preparedAs(idNumber(n), 9),
    ...answered(now),
    profile,
    review: { because, dueAt: new Date(now - seconds * 1_000) },
  });
  await api.write(idNumber(n), { ...document, source: { ...source, uploader, name: `${profile}/${n}.jpg` } });
}

const call = (who: string, path: string, body?: unknown): Promise<Response> =>
  fetch(api.url + path, {
    method:
      path === '/v1/reviews' || !path.includes('/reviews/') ? (body === undefined ? 'GET' : 'POST') : 'POST',
    headers: {
      Authorization: checkedToken({ email: who, email_verified: true }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const next = async (who: string, query = ''): Promise<ReviewTurnView | undefined> => {
  const response = await call(who, `/v1/reviews/next${query}`);
  return response.status === 204 ? undefined : ((await response.json()) as ReviewTurnView);
};
const idOfNext = async (who: string, query = '') => (await next(who, query))?.result.id;
const wanted = async (): Promise<number> =>
  ((await (await call(ANA, '/v1/reviews')).json()) as { wanted: number }).wanted;

beforeEach(async () => {
  const { docs } = await api.firestore.collection('results').get();
  await Promise.all(docs.map((doc) => doc.ref.delete()));
});

describe('what people say of answers', () => {
  it('is counted by week, profile, model and step; the last word counts', async () => {
    for (const n of [1, 2, 3]) await waits(n, n);
    const judge = (n: number, verdict: string) =>
      call(ANA, `/v1/results/${idNumber(n)}/feedback`, { verdict });
    await judge(1, 'right');
    await judge(2, 'wrong');
    await judge(2, 'right');
    await judge(3, 'wrong');
    await judge(3, 'wrong');
    const stats = (await (await call(ANA, '/v1/stats')).json()) as Stats;
    const week = weekOf(Date.now());
    expect(stats.satisfaction).toEqual({
      weeks: [
        { week, rows: [{ profile: 'inventory', model: 'local-reader-1', step: 0, judged: 3, right: 2 }] },
      ],
    });
    const own = (await (await call('mia@example.com', '/v1/stats')).json()) as Stats;
    expect(own).not.toHaveProperty('satisfaction');
  });

  it.each([
    ['2026-01-01T00:00:00Z', '2026-W01'],
    ['2026-12-31T23:59:59Z', '2026-W53'],
    ['2027-01-03T12:00:00Z', '2026-W53'],
    ['2027-01-04T00:00:00Z', '2027-W01'],
    ['2024-12-30T00:00:00Z', '2025-W01'],
  ])('on %s belongs to the week %s', (time, week) => {
    expect(weekOf(Date.parse(time))).toBe(week);
  });
});

describe('answers that wait for a person', () => {
  it('are offered from the longest waiting one on, each to one person at a time', async () => {
    await waits(1, 10);
    await waits(2, 30, 'broken-check');
    await waits(3, 20, 'partial');
    expect(await wanted()).toBe(3);
    const first = await next(ANA);
    expect(first?.result).toMatchObject({
      id: idNumber(2),
      review: { because: 'broken-check', isHeld: true },
    });
    expect(Date.parse(first?.heldUntil ?? '')).toBeGreaterThan(Date.now() + 500_000);
    expect(await idOfNext(BEN)).toBe(idNumber(3));
    expect(await idOfNext(BEN)).toBe(idNumber(1));
    expect(await next(ANA)).toBeUndefined();
    expect(await wanted()).toBe(3);
  });

  it('are never given to two people who ask at the same moment', async () => {
    for (let n = 1; n <= 12; n += 1) await waits(n, n);
    const ids = await Promise.all(Array.from({ length: 12 }, (_, i) => idOfNext(i % 2 === 0 ? ANA : BEN)));
    expect(ids.toSorted()).toEqual(Array.from({ length: 12 }, (_, i) => idNumber(i + 1)).sort());
  });

  it('wait no longer once somebody has judged them', async () => {
    await waits(1, 10);
    await next(ANA);
    const judged = await call(ANA, `/v1/results/${idNumber(1)}/feedback`, {
      verdict: 'corrected',
      fields: { shelfId: 'B-12' },
    });
    const result = (await judged.json()) as ResultView;
    expect(result).toMatchObject({
      feedback: { verdict: 'corrected', by: ANA, fields: { shelfId: 'B-12' } },
    });
    expect(result).not.toHaveProperty('review');
    expect(await wanted()).toBe(0);
  });

  it('go to the end of the queue when they are skipped, and back to their place when they are released', async () => {
    await waits(1, 30);
    await waits(2, 20);
    await waits(3, 10);
    const pass = (who: string, n: number, how: string) =>
      call(who, `/v1/results/${idNumber(n)}/review`, { pass: how });
    expect(await idOfNext(ANA)).toBe(idNumber(1));
    expect((await pass(ANA, 1, 'skip')).status).toBe(204);
    expect(await idOfNext(ANA)).toBe(idNumber(2));
    // Nobody gives back what somebody else looks at.
    await pass(BEN, 2, 'release');
    expect(await idOfNext(BEN)).toBe(idNumber(3));
    await pass(BEN, 3, 'release');
    await pass(ANA, 2, 'release');
    expect(await idOfNext(BEN)).toBe(idNumber(2));
    expect(await idOfNext(BEN)).toBe(idNumber(3));
    expect(await idOfNext(BEN)).toBe(idNumber(1));
  });

  it('can be asked for by profile, and are offered to their own uploader where callers see their own', async () => {
    await waits(1, 30);
    await waits(2, 20, 'sample', { profile: 'describe' });
    await waits(3, 10, 'unsure', { uploader: EVE });
    expect(await idOfNext(ANA, '?profile=describe')).toBe(idNumber(2));
    expect(await idOfNext(EVE)).toBe(idNumber(3));
    expect(await idOfNext(EVE)).toBeUndefined();
    expect(await idOfNext(ANA)).toBe(idNumber(1));
    expect((await call(ANA, `/v1/results/${idNumber(1)}/review`, { pass: 'later' })).status).toBe(400);
  });

  it('are not offered while they are answered again', async () => {
    await waits(1, 30);
    await api.firestore.doc(`results/${idNumber(1)}`).update({ status: 'analyzing' });
    expect(await next(ANA)).toBeUndefined();
  });
});
