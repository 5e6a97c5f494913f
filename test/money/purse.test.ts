import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FirestoreServer, startFirestoreServer } from '../../local/firestore/server.ts';
import { silentLog } from '../../shared/base/log.ts';
import { Documents, increment } from '../../shared/cloud/firestore/documents.ts';
import { reclaimExpired } from '../../shared/money/budget-document.ts';
import { BudgetLimits, DayBudgets, type ImageBudget, type Limits } from '../../shared/money/budgets.ts';
import { shardPath } from '../../shared/money/spend-log.ts';

let server: FirestoreServer;
let documents: Documents;

beforeAll(async () => {
  server = await startFirestoreServer({ port: 0 });
  vi.stubEnv('FIRESTORE_EMULATOR_HOST', server.host);
  documents = new Documents({ projectId: 'local' });
});
afterEach(() => vi.useRealTimers());
afterAll(async () => {
  await documents.close();
  await server.close();
  vi.unstubAllEnvs();
});

const never = new AbortController().signal;
const NO_LIMITS: Limits = { daily: null, uploaderDaily: null, uploaders: {}, profiles: {} };

const instance = (owner: string, limits: Partial<Limits>) =>
  new DayBudgets(
    documents,
    new BudgetLimits(documents, { ...NO_LIMITS, ...limits }, { cacheMs: 60_000, log: silentLog }),
    {
      ...{ owner, holdMs: 75_000, waitMs: 250, uploaderAction: 'refuse' },
    },
  );

const purseOf = (dayBudgets: DayBudgets, uploader: string | null = null) =>
  dayBudgets.budgetFor({ profile: 'describe', uploader });

const pay = async (budget: ImageBudget, amounts: readonly number[], billed: number) =>
  (await budget.reserve(amounts, never)).settle(billed);

const payAndBook = async (owner: string, budget: ImageBudget, amounts: readonly number[], billed: number) => {
  await pay(budget, amounts, billed);
  const scopes = Object.fromEntries(budget.scopes.map((name) => [name, increment(billed)]));
  await documents.merge(shardPath(budget.day, owner), { scopes });
};

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { code: string; facts: { until: number } }) => ({ code: error.code, until: error.facts.until }),
  );

describe('the budget of an uploader', () => {
  it('that calls under way hold parks the next image for about a minute and does not refuse it', async () => {
    const budget = await purseOf(instance('busy', { uploaderDaily: 1_000 }), 'bea');
    const first = await budget.reserve([900], never);
    const failure = await failureOf(budget.reserve([900], never));
    expect(failure?.code).toBe('BUDGET_EXHAUSTED');
    expect((failure?.until ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
    first.settle(10);
    await pay(budget, [900], 10);
  });

  it('that idle instances hold parks the image, and is all there for it when their grants have ended', async () => {
    const owners = ['i0', 'i1', 'i2', 'i3'];
    const instances = new Map(
      owners.map((owner) => [owner, instance(owner, { uploaderDaily: 10_000 })] as const),
    );
    const call = async ([owner, dayBudgets]: readonly [string, DayBudgets]) => {
      const budget = await purseOf(dayBudgets, 'ana');
      return (await failureOf(payAndBook(owner, budget, [5_500, 2_900], 800)))?.code;
    };
    const codes: (string | undefined)[] = [];
    for (const one of instances) codes.push(await call(one));
    expect(codes).toContain('BUDGET_EXHAUSTED');
    expect(codes).not.toContain('UPLOADER_BUDGET_EXHAUSTED');

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 200_000 });
    for (const one of [...instances].filter((_, i) => codes[i] !== undefined))
      expect(await call(one)).toBeUndefined();
  });

  it('that is spent refuses the image: no instance waits for one that has nothing left', async () => {
    const limits = { uploaderDaily: 1_000 };
    const [one, other] = [instance('one', limits), instance('other', limits)];
    const [ones, others] = [await purseOf(one, 'cem'), await purseOf(other, 'cem')];
    await payAndBook('one', ones, [500], 500);
    await payAndBook('other', others, [500], 500);
    expect(await failureOf(ones.reserve([500], never))).toMatchObject({ code: 'BUDGET_EXHAUSTED' });
    expect(await failureOf(others.reserve([500], never))).toMatchObject({
      code: 'UPLOADER_BUDGET_EXHAUSTED',
    });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 200_000 });
    expect(await failureOf(ones.reserve([500], never))).toMatchObject({ code: 'UPLOADER_BUDGET_EXHAUSTED' });
  });
});

describe('a budget of yesterday', () => {
  it('that is spent stays spent for an image that began before midnight and calls again after it', async () => {
    const beforeMidnight = Date.parse('2026-11-18T23:59:50Z');
    vi.useFakeTimers({ toFake: ['Date'], now: beforeMidnight });
    const dayBudgets = instance('night', { daily: 1_000 });
    const yesterday = await purseOf(dayBudgets);
    await pay(yesterday, [1_000], 1_000);
    vi.setSystemTime(beforeMidnight + 15_000);
    await pay(await purseOf(dayBudgets), [10], 10);
    await expect(yesterday.reserve([1_000], never)).rejects.toThrow('is used up for 2026-11-18');
  });
});

describe('a clock that steps back over midnight', () => {
  it('finds the budget of yesterday as spent as it was', async () => {
    const beforeMidnight = Date.parse('2026-11-16T23:59:58Z');
    vi.useFakeTimers({ toFake: ['Date'], now: beforeMidnight });
    const dayBudgets = instance('back', { daily: 1_000 });
    await pay(await purseOf(dayBudgets), [1_000], 1_000);
    vi.setSystemTime(beforeMidnight + 4_000);
    await pay(await purseOf(dayBudgets), [600], 600);
    vi.setSystemTime(beforeMidnight + 1_000);
    await expect((await purseOf(dayBudgets)).reserve([500], never)).rejects.toThrow(
      'is used up for 2026-11-16',
    );
    vi.setSystemTime(beforeMidnight + 5_000);
    const today = await purseOf(dayBudgets);
    await pay(today, [400], 400);
    await expect(today.reserve([1], never)).rejects.toThrow('is used up for 2026-11-17');
  });
});

describe('money that an instance has spent and that its spendLog do not show yet', () => {
  it('is not given to others once the instance has nothing left to give back', async () => {
    const limits = { profiles: { describe: 1_000 } };
    const [spender, other] = [instance('spender', limits), instance('bystander', limits)];
    const budget = await purseOf(spender);
    await pay(await purseOf(other), [500], 0);
    await pay(budget, [500], 500);
    await failureOf(budget.reserve([900], never));
    await reclaimExpired(documents, budget.day, Date.now() + 300_000);
    expect(await documents.get(`spend/profile-describe_${budget.day}`)).toMatchObject({
      data: { grants: { spender: { nanoUsd: 500 }, bystander: { nanoUsd: 0 } } },
    });
  });
});
