import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../functions/budget-alert/record.ts';
import { type Pipeline, picture, startPipeline } from '../support/pipeline.ts';

let pipeline: Pipeline;
let budget = 0;

beforeAll(async () => {
  pipeline = await startPipeline({
    functions: ['resize-image', 'analyze-image', 'budget-alert'],
    env: { CONTROL_CACHE_MS: '50' },
  });
});
afterAll(() => pipeline.close());
beforeEach(async () => {
  budget += 1;
  await pipeline.firestore.doc('control/pipeline').delete();
});

/** The month that it is, as Cloud Billing names its start. */
const thisMonth = (): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1, 8)).toISOString();
};
const lastMonth = (): string => {
  const start = new Date(thisMonth());
  start.setUTCMonth(start.getUTCMonth() - 1);
  return start.toISOString();
};

const content = (costAmount: number, costIntervalStart = thisMonth()) => ({
  budgetDisplayName: 'monthly',
  costAmount,
  costIntervalStart,
  budgetAmount: 100,
  budgetAmountType: 'SPECIFIED_AMOUNT',
  currencyCode: 'EUR',
});

const attributes = () => ({
  billingAccountId: '01D4EE-079462-DFD6EC',
  budgetId: `budget-${budget}`,
  schemaVersion: '1.0',
});

async function notify(costAmount: number, costIntervalStart?: string): Promise<void> {
  const data = Buffer.from(JSON.stringify(content(costAmount, costIntervalStart)));
  await pipeline.cloud.pubsub.publish('budget', { data, attributes: attributes() });
}

/** Pushes with a publish time of our choice: what was sent later may arrive earlier. */
const push = (costAmount: number, secondsAgo: number, interval = thisMonth()): Promise<Response> =>
  post({
    message: {
      data: Buffer.from(JSON.stringify(content(costAmount, interval))).toString('base64'),
      attributes: attributes(),
      publishTime: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    },
  });

const post = (body: unknown): Promise<Response> =>
  fetch(pipeline.cloud.url('budget-alert'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const recorded = async (interval = thisMonth()) =>
  (await pipeline.firestore.doc(`cloud-budgets/budget-${budget}_${interval.slice(0, 10)}`).get()).data();
const paused = async () => (await pipeline.firestore.doc('control/pipeline').get()).data();

describe('a notification of the cloud budget', () => {
  it('below the limit is recorded and pauses nothing', async () => {
    await notify(40);
    await pipeline.cloud.pubsub.idle();
    expect(await recorded()).toMatchObject({
      cost: 40,
      budget: 100,
      currency: 'EUR',
      share: 0.4,
      pausedAtShare: null,
    });
    expect(await paused()).toBeUndefined();
  });

  it('above the limit pauses the pipeline until the month is over, and what is uploaded waits', async () => {
    await notify(95);
    await pipeline.cloud.pubsub.idle();
    expect(await paused()).toMatchObject({
      paused: true,
      reason: '95 % of the cloud budget "monthly" is used up (95 of 100 EUR).',
    });
    await pipeline.upload('waits.jpg', await picture(budget));
    expect(await pipeline.settled('waits.jpg')).toMatchObject({
      status: 'parked',
      failure: { code: 'PIPELINE_PAUSED' },
    });
  });

  it('does not undo a resume, until another quarter of the budget is spent', async () => {
    await push(95, 60);
    await pipeline.firestore.doc('control/pipeline').set({ paused: false, reason: 'lifted' });
    await push(97, 40);
    expect(await paused()).toMatchObject({ paused: false });
    await push(121, 20);
    expect(await paused()).toMatchObject({ paused: true });
  });

  it('counts by the time it was sent, in whatever order and however often it arrives', async () => {
    const storm = [30, 10, 50, 20, 40, 60, 60, 60, 10, 30].map((cost) => () => push(cost, 600 - cost));
    await Promise.all(storm.map((send) => send()));
    expect(await recorded()).toMatchObject({ cost: 60, share: 0.6, received: 10, pausedAtShare: null });
  });

  it('of an earlier month pauses nothing and leaves this month alone', async () => {
    await notify(20);
    await pipeline.cloud.pubsub.idle();
    const sinceThen = (Date.now() - Date.parse(thisMonth())) / 1000;
    for (const lateBy of [-60, 60]) await push(150, sinceThen - lateBy, lastMonth());
    expect(await recorded()).toMatchObject({ cost: 20 });
    expect(await recorded(lastMonth())).toMatchObject({ cost: 150, pausedAtShare: null });
    expect(await paused()).toBeUndefined();
  });

  it('of a budget for a year pauses in any month of it', async () => {
    const start = new Date(Date.now() - 100 * 86_400_000).toISOString();
    await notify(95, start);
    await pipeline.cloud.pubsub.idle();
    expect(await recorded(start)).toMatchObject({ pausedAtShare: 0.95 });
    const pause = await paused();
    expect(pause).toMatchObject({ paused: true });
    const days = (pause?.['until'].toDate().getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(0);
    expect(days).toBeLessThan(31);
  });

  it.each<[string, unknown, string]>([
    [
      'no JSON',
      { message: { data: Buffer.from('cost: 5').toString('base64'), attributes: { budgetId: 'b' } } },
      'not JSON',
    ],
    ['no budget id', { message: { data: 'e30=', attributes: {} } }, 'budgetId'],
    ['no message', {}, 'message'],
    ['a cost that is text', bad({ costAmount: 'five' }), 'costAmount: expected what was spent as a number'],
    ['a negative cost', bad({ costAmount: -1 }), 'costAmount'],
    ['a budget of nothing', bad({ budgetAmount: 0 }), 'budgetAmount: expected a budget above 0'],
    ['no currency', bad({ currencyCode: undefined }), 'currencyCode'],
    ['no month', bad({ costIntervalStart: 'November' }), 'costIntervalStart'],
  ])('with %s is answered 400 with the name of the field', async (_, body, sentence) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(sentence);
  });
});

function bad(change: Record<string, unknown>): unknown {
  const data = Buffer.from(JSON.stringify({ ...content(1), ...change })).toString('base64');
  return { message: { data, attributes: { budgetId: 'b' } } };
}

describe('a budget for a year', () => {
  const notification = {
    ...{ billingAccountId: 'account', budgetId: 'year', name: 'year', currency: 'USD', budget: 100 },
    ...{ intervalStart: Date.parse('2026-01-01T08:00:00Z'), threshold: null, forecastThreshold: null },
  };
  const onThe = (day: string, cost: number, known?: ReturnType<typeof decide>) => {
    const sentAt = Date.parse(`${day}T12:00:00Z`);
    return decide(known?.record, { ...notification, cost, sentAt }, 0.9, sentAt);
  };

  it('that is used up pauses until the month is over, once, and again in the next one', () => {
    const march = onThe('2026-03-20', 95);
    expect(march.pauseUntil).toBe(Date.parse('2026-04-01T08:00:00Z'));
    const later = onThe('2026-03-21', 96, march);
    expect(later.pauseUntil).toBeNull();
    const april = onThe('2026-04-02', 96, later);
    expect(april.pauseUntil).toBe(Date.parse('2026-05-01T08:00:00Z'));
    expect(onThe('2026-04-03', 97, april).pauseUntil).toBeNull();
  });

  it('records no pause that was not made', () => {
    const late = onThe('2026-02-02', 95);
    expect(late).toMatchObject({ pauseUntil: null, record: { pausedAtShare: null, pausedUntil: null } });
  });
});
