import { describe, expect, it } from 'vitest';
import { PriceList } from '../../shared/prices/price-list.ts';
import { usdOf } from '../../shared/prices/units.ts';

const AT = Date.parse('2026-11-20T12:00:00Z');
const USAGE = { prompt: 840, image: 540, cached: 0, thoughts: 0, output: 250 };

describe('a price', () => {
  it('is exact: 840 tokens in and 250 out of 3.5-flash-lite cost $0.000877', () => {
    const { nanos } = new PriceList().costOf({
      version: 'gemini-3.5-flash-lite',
      requested: '',
      usage: USAGE,
      atMs: AT,
    });
    expect(usdOf(nanos)).toBe(0.000877);
  });

  it('counts thinking as output and cached tokens at their own price', () => {
    const usage = { prompt: 5000, image: 540, cached: 4096, thoughts: 100, output: 200 };
    const { nanos } = new PriceList().costOf({
      version: 'gemini-3.5-flash-lite',
      requested: '',
      usage,
      atMs: AT,
    });
    expect(nanos).toBe(904 * 300 + 4096 * 30 + 300 * 2500);
  });

  it.each([
    ['2026-12-31T23:59:59Z', 0.75],
    ['2027-01-01T00:00:00Z', 1.5],
  ])('of 3.8-flash follows the date: at %s a million tokens cost $%d', (at, usd) => {
    const usage = { ...USAGE, prompt: 1_000_000, output: 0 };
    const priced = new PriceList().costOf({
      version: 'gemini-3.8-flash',
      requested: '',
      usage,
      atMs: Date.parse(at),
    });
    expect(usdOf(priced.nanos)).toBe(usd);
  });

  it('is that of the model that answered, not of the one that was asked', () => {
    const prices = new PriceList();
    const call = { requested: 'gemini-3.5-flash-lite', usage: USAGE, atMs: AT };
    expect(prices.costOf({ ...call, version: 'gemini-3.8-flash-001' })).toMatchObject({
      pricedAs: 'gemini-3.8-flash',
      assumed: false,
    });
    expect(prices.costOf({ ...call, version: 'gemini-3.5-flash-lite@local-reader' })).toMatchObject({
      assumed: false,
    });
  });

  it('of a model that is not in the table is taken from the model that was asked, and flagged', () => {
    const priced = new PriceList().costOf({
      version: 'gemini-3.9-flash',
      requested: 'gemini-3.5-flash-lite',
      usage: USAGE,
      atMs: AT,
    });
    expect(priced).toEqual({ nanos: 877_000, pricedAs: 'gemini-3.5-flash-lite', assumed: true });
  });

  it('of a name that Google gives to another model is that of the model that answers from that day on', () => {
    const call = { version: 'gemini-2.5-flash-lite', requested: '', usage: USAGE };
    const renamed = { ...call, version: 'gemini-2.5-pro', requested: 'gemini-2.5-pro' };
    expect(new PriceList().costOf({ ...renamed, atMs: Date.parse('2026-12-01T00:00:00Z') })).toMatchObject({
      pricedAs: 'gemini-3.8-flash',
      assumed: false,
    });
    const answered = { ...call, version: 'gemini-3.6-flash', requested: 'gemini-3.5-flash', atMs: AT };
    expect(new PriceList().costOf(answered)).toEqual({
      nanos: 840 * 1_500 + 250 * 7_500,
      pricedAs: 'gemini-3.6-flash',
      assumed: false,
    });
  });

  it.each([
    ['flex', 840 * 150 + 250 * 1_250],
    ['batch', 840 * 150 + 250 * 1_250],
    ['standard', 840 * 300 + 250 * 2_500],
    ['priority', 840 * 540 + 250 * 4_500],
  ] as const)('in the lane %s is that of the lane', (lane, nanos) => {
    const call = { version: 'gemini-3.5-flash-lite', requested: '', usage: USAGE, atMs: AT, lane };
    expect(new PriceList().costOf(call)).toMatchObject({ nanos, assumed: false });
  });

  it('of a lane that is not in the table is that of the standard lane, and flagged', () => {
    const call = { version: 'gemini-4-carbon', requested: '', usage: USAGE, atMs: AT, lane: 'flex' } as const;
    expect(new PriceList().costOf(call)).toMatchObject({
      nanos: 840 * 2_000 + 250 * 10_000,
      assumed: true,
    });
  });

  it('counts a picture as the model does that answers by then', () => {
    const counted = (day: string) =>
      new PriceList().imageTokens(
        'gemini-2.5-flash',
        { width: 2048, height: 1536 },
        'MEDIUM',
        Date.parse(day),
      );
    expect(counted('2026-11-30')).toBe(4 * 258);
    expect(counted('2026-12-01')).toBe(540);
  });

  it.each([
    ['LOW', 266],
    ['MEDIUM', 540],
    ['HIGH', 1064],
    ['ULTRA_HIGH', 2160],
  ] as const)('counts a 4:3 picture at %s as %d tokens', (resolution, tokens) => {
    expect(
      new PriceList().imageTokens('gemini-3.5-flash-lite', { width: 2048, height: 1536 }, resolution),
    ).toBe(tokens);
  });
});
