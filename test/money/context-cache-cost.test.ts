import { describe, expect, it } from 'vitest';
import { decideOnContext } from '../../shared/model/context-cache/cache-cost.ts';
import { PriceList } from '../../shared/prices/price-list.ts';

const MODEL = 'gemini-3.5-flash-lite';
const AT = Date.parse('2026-11-20T12:00:00Z');
const prices = new PriceList();

describe('a context cache of 5,000 tokens', () => {
  it('pays from the fifth call of an hour on, by its arithmetic', () => {
    // An hour costs 5,000 x (0.30 read + 1.00 stored); each call saves 5,000 x (0.30 - 0.03).
    expect(decideOnContext(prices, MODEL, 5_000, 4, AT)).toMatchObject({
      use: false,
      uncachedPerHour: 6_000_000,
    });
    expect(decideOnContext(prices, MODEL, 5_000, 5, AT)).toMatchObject({
      use: true,
      uncachedPerHour: 7_500_000,
      cachedPerHour: 7_250_000,
      because: '5 calls an hour, it pays from 5 on',
    });
  });

  it('never pays for instructions that are too short, nor for a model without a price for cached tokens', () => {
    expect(decideOnContext(prices, MODEL, 4_095, 1_000, AT)).toMatchObject({
      use: false,
      because: expect.stringContaining('4096'),
    });
    expect(decideOnContext(prices, 'gemini-4-carbon', 5_000, 1_000, Date.parse('2026-12-02'))).toMatchObject({
      use: false,
    });
  });
});
