import { describe, expect, it, vi } from 'vitest';
import { delay } from '../../shared/base/resilience/delay.ts';
import { cachedTokens, costOfNew, LONG, LONG_TOKENS, request, useContexts } from './contexts.ts';

const AT = Date.parse('2026-11-20T12:00:00Z');
const { instance, documents, heard, booked, billedForCaches } = useContexts();

describe('a context cache', () => {
  it('is renewed for the time that is not paid yet, and in all costs what the simulator bills', async () => {
    const { ask } = instance(10 * costOfNew(LONG_TOKENS));
    const asked = await request(LONG);
    vi.useFakeTimers({ toFake: ['Date'], now: AT });
    await cachedTokens(ask, asked, 5);
    // Calls of the last hour, so that it still pays; at 52 minutes less than ten are left.
    vi.setSystemTime(AT + 52 * 60_000);
    expect((await cachedTokens(ask, asked, 1)).at(-1)).toBe(LONG_TOKENS);
    await vi.waitFor(() => expect(heard('context.made')).toHaveLength(2), 60_000);
    await vi.waitFor(async () => expect(await booked()).toBe(billedForCaches()), 60_000);
    const renewal = billedForCaches() - costOfNew(LONG_TOKENS);
    expect(renewal / (LONG_TOKENS * 1_000)).toBeCloseTo(52 / 60, 3);
    expect(heard('context.made')).toMatchObject([{ renewed: false }, { renewed: true }]);
  });

  it('that two instances want to renew at once is renewed and paid for once, and serves both meanwhile', async () => {
    const [one, other] = [instance(null, 300), instance(null, 300)];
    const asked = await request(LONG);
    vi.useFakeTimers({ toFake: ['Date'], now: AT });
    for (const { ask } of [one, other]) await cachedTokens(ask, asked, 5);
    vi.setSystemTime(AT + 52 * 60_000);
    const used = await Promise.all([one, other].map(({ ask }) => cachedTokens(ask, asked, 1)));
    expect(used).toEqual([[LONG_TOKENS], [LONG_TOKENS]]);
    await delay(1_000);
    expect(heard('context.made')).toMatchObject([{ renewed: false }, { renewed: true }]);
    expect(await booked()).toBe(billedForCaches());
    // Without the renewal it would end too soon to be relied on.
    vi.setSystemTime(AT + 59.5 * 60_000);
    for (const { ask } of [one, other]) expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]);
  });

  it('whose renewal an instance did not live to end is renewed by another one soon after', async () => {
    const { ask } = instance();
    const asked = await request(LONG);
    vi.useFakeTimers({ toFake: ['Date'], now: AT });
    await cachedTokens(ask, asked, 5);
    const [record] = await documents().query('contexts', { limit: 1 });
    const now = AT + 52 * 60_000;
    const turn = { by: 'gone', until: new Date(now + 60_000) };
    await documents().merge(`contexts/${record?.id}`, { turn });
    vi.setSystemTime(now);
    expect(await cachedTokens(ask, asked, 2)).toEqual([LONG_TOKENS, LONG_TOKENS]);
    await delay(300);
    expect(heard('context.made')).toHaveLength(1);
    vi.setSystemTime(now + 60_001);
    await vi.waitFor(() => expect(heard('context.made')).toHaveLength(2), 60_000);
  });

  it('that is paid for serves on when there is no money for another hour', async () => {
    const { ask } = instance(2 * costOfNew(LONG_TOKENS));
    const asked = await request(LONG);
    vi.useFakeTimers({ toFake: ['Date'], now: AT });
    await cachedTokens(ask, asked, 5);
    await documents().merge('control/budget', { dailyUsd: 0.007 });
    vi.setSystemTime(AT + 52 * 60_000);
    expect(await cachedTokens(ask, asked, 2)).toEqual([LONG_TOKENS, LONG_TOKENS]);
    await vi.waitFor(() => expect(heard('context.refused')).toHaveLength(1), 60_000);
    expect(heard('context.made')).toHaveLength(1);
    expect(await cachedTokens(ask, asked, 1)).toEqual([LONG_TOKENS]);
  });
});
