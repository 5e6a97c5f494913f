import { describe, expect, it } from 'vitest';
import { reference } from '../support/references.ts';
import {
  cachedTokens,
  costOfNew,
  LONG,
  LONG_TOKENS,
  MODEL,
  request,
  signal,
  useContexts,
} from './contexts.ts';

const { instance, gemini, heard, cachesMade, booked } = useContexts();

describe('a context cache', () => {
  it('is not made when the budget of the day does not allow it: nothing is asked, calls go without', async () => {
    const { ask } = instance(costOfNew(LONG_TOKENS));
    // Reserved is twice the estimate, in case the API counts more.
    expect(await cachedTokens(ask, await request(LONG), 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(cachesMade()).toBe(0);
    expect(heard('context.refused')).toEqual([
      {
        key: expect.any(String),
        error: expect.stringContaining('The budget of the day ($0.0068) is used up'),
      },
    ]);
    expect(await booked()).toBe(0);
  });

  it('is not made of money that calls under way hold, and does not wait for it', async () => {
    const limit = 2 * costOfNew(LONG_TOKENS);
    const { ask, dayBudgets } = instance(limit);
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    const held = await budget.reserve([1], signal);
    const startedAt = Date.now();
    expect((await cachedTokens(ask, await request(LONG), 5)).at(-1)).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    expect(cachesMade()).toBe(0);
    held.settle(0);
  });

  it('is settled with what it cost: the rest of what was reserved is there for calls again', async () => {
    const limit = 2 * costOfNew(LONG_TOKENS);
    const { ask, dayBudgets } = instance(limit);
    expect((await cachedTokens(ask, await request(LONG), 5)).at(-1)).toBe(LONG_TOKENS);
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    const rest = limit - costOfNew(LONG_TOKENS);
    await expect(budget.reserve([rest + 1], signal)).rejects.toThrow('is used up');
    expect(await budget.reserve([rest], signal)).toMatchObject({ amount: rest });
  });

  it('costs nothing when the API refuses it', async () => {
    const limit = 4 * costOfNew(LONG_TOKENS);
    const { ask, dayBudgets } = instance(limit);
    // Not a picture: the API takes none of these, no matter who sends them.
    const broken = { ...(await reference(1)), base64: 'bm8gcGljdHVyZQ==' };
    const asked = await request(LONG, { references: [broken] });
    for (let i = 0; i < 6; i += 1) await expect(ask(asked, signal)).rejects.toThrow('not valid');
    expect(cachesMade()).toBe(1);
    expect(heard('context.refused')).toMatchObject([{ error: 'HTTP 400 from cachedContents' }]);
    expect(await booked()).toBe(0);
    const budget = await dayBudgets.budgetFor({ profile: 'describe', uploader: null });
    expect(await budget.reserve([limit], signal)).toMatchObject({ amount: limit });
  });

  it('that two instances want at once is made and paid for once', async () => {
    const [one, other] = [instance(null, 300), instance(null, 300)];
    const asked = await request(LONG);
    await Promise.all([cachedTokens(one.ask, asked, 4), cachedTokens(other.ask, asked, 4)]);
    const used = await Promise.all([cachedTokens(one.ask, asked, 1), cachedTokens(other.ask, asked, 1)]);
    expect(used).toEqual([[LONG_TOKENS], [LONG_TOKENS]]);
    const headers = { 'x-goog-api-key': 'test' };
    const list = await (await fetch(`${gemini().url}/v1beta/cachedContents`, { headers })).json();
    expect(list).toMatchObject({ cachedContents: [{ model: `models/${MODEL}` }] });
    expect(Object.values(gemini().bill().contexts)).toMatchObject([{ made: LONG_TOKENS }]);
    expect(await booked()).toBe(costOfNew(LONG_TOKENS));
  });
});
