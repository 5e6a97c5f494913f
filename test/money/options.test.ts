import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../shared/base/config.ts';
import { withLive } from '../../shared/money/budgets.ts';
import { limitsOf, spendVariables } from '../../shared/money/options.ts';

const load = (env: Record<string, string>) => limitsOf(loadConfig(spendVariables, env));

describe('a budget in a variable', () => {
  it('is ten dollars a day for the pipeline unless told, and none for an uploader', () => {
    expect(load({})).toEqual({ daily: 10_000_000_000, uploaderDaily: null, uploaders: {}, profiles: {} });
  });

  it('may be any amount of dollars, none, or named by profile', () => {
    expect(
      load({
        DAILY_BUDGET_USD: 'none',
        UPLOADER_DAILY_BUDGET_USD: '0.5',
        PROFILE_DAILY_BUDGET_USD: '{"inventory": 5}',
      }),
    ).toEqual({
      daily: null,
      uploaderDaily: 500_000_000,
      uploaders: {},
      profiles: { inventory: 5_000_000_000 },
    });
  });

  it.each([
    ['DAILY_BUDGET_USD', 'lots', 'expected an amount in US dollars'],
    ['DAILY_BUDGET_USD', '-5', 'never negative'],
    ['DAILY_BUDGET_USD', '5 EUR', 'priced in USD'],
    ['UPLOADER_DAILY_BUDGET_USD', '€5', 'priced in USD'],
    ['PROFILE_DAILY_BUDGET_USD', 'inventory=5', 'expected JSON such as'],
    ['PROFILE_DAILY_BUDGET_USD', '{"inventory": "5"}', 'inventory: expected a number of US dollars'],
    ['PROFILE_DAILY_BUDGET_USD', '{"inventory": -5}', 'inventory: a budget is never negative'],
    ['UPLOADER_BUDGET_ACTION', 'ignore', 'expected refuse or park'],
  ])('named %s with %s stops the start with a sentence', (name, value, sentence) => {
    expect(() => load({ [name]: value })).toThrow(name);
    expect(() => load({ [name]: value })).toThrow(sentence);
  });
});

describe('a budget in control/budget', () => {
  const configured = load({ DAILY_BUDGET_USD: '3' });

  it('takes the place of the variable, field by field; null lifts the limit', () => {
    expect(withLive(configured, { dailyUsd: null, uploaders: { ana: 1 } })).toEqual({
      daily: null,
      uploaderDaily: null,
      uploaders: { ana: 1_000_000_000 },
      profiles: {},
    });
    expect(withLive(configured, undefined)).toEqual(configured);
  });

  it.each([
    [{ dailyUsd: 'ten' }, 'control/budget dailyUsd: expected a number of US dollars'],
    [{ uploaderDailyUsd: -1 }, 'control/budget uploaderDailyUsd: a budget is never negative'],
    [{ profiles: { inventory: '5' } }, 'control/budget profiles.inventory: expected a number'],
    [{ currency: 'EUR', dailyUsd: 5 }, 'control/budget currency: expected USD'],
  ])('that cannot be used (%j) is named by its field', (data, sentence) => {
    expect(withLive(configured, data)).toEqual({ problems: [expect.stringContaining(sentence)] });
  });
});
