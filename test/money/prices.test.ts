import { describe, expect, it } from 'vitest';
import { PriceError, PriceList } from '../../shared/prices/price-list.ts';
import { PRICE_TABLE } from '../../shared/prices/table.ts';
import { usdOf } from '../../shared/prices/units.ts';
import { checkLadders } from '../../shared/profiles/check-ladders.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import { builtIn } from '../support/built-in.ts';

const describeProfile = builtIn('describe');

const AT = Date.parse('2026-11-20T12:00:00Z');
const USAGE = { prompt: 840, image: 540, cached: 0, thoughts: 0, output: 250 };

interface Row {
  from: string;
  until: string | null;
  source: string;
  confidence: string;
  standard: { input: number | string; output: number };
}

const row = (from: string, until: string | null, input: number | string = 1): Row => ({
  from,
  until,
  source: 'a price list',
  confidence: 'published',
  standard: { input, output: 2 },
});

const tableWith = (...rows: Row[]): unknown => ({
  ...PRICE_TABLE,
  reroutes: [],
  models: [{ id: 'gemini-x', imageTokens: 'budget', rows }],
});

const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof PriceError) return error.problems;
    throw error;
  }
  return [];
};

const profileWith = (model: string): Profile => ({
  ...describeProfile,
  ladder: [{ ...describeProfile.ladder[0], models: [model] }],
});

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

describe('a price table', () => {
  it.each<[string, unknown, string]>([
    [
      'a gap',
      tableWith(row('2026-01-01', '2026-05-31'), row('2026-07-01', null)),
      'gemini-x: a gap from 2026-06-01 to 2026-06-30',
    ],
    [
      'an overlap',
      tableWith(row('2026-01-01', '2026-06-30'), row('2026-06-01', null)),
      'rows from 2026-01-01 and from 2026-06-01 overlap',
    ],
    [
      'an open row before another',
      tableWith(row('2026-01-01', null), row('2026-06-01', null)),
      'end the first with `until` 2026-05-31',
    ],
    ['a row that ends before it begins', tableWith(row('2026-06-01', '2026-01-01')), 'ends before it begins'],
    [
      'a negative price',
      tableWith(row('2026-01-01', null, -1)),
      'gemini-x.rows.0.standard.input: a price is never negative',
    ],
    [
      'a price that is no number',
      tableWith(row('2026-01-01', null, '0.3')),
      'gemini-x.rows.0.standard.input: expected US dollars',
    ],
    ['a day that does not exist', tableWith(row('2026-02-30', null)), 'gemini-x.rows.0.from: expected a day'],
    [
      'a price that nobody stands for',
      tableWith({ ...row('2026-01-01', null), confidence: 'guessed' }),
      'gemini-x.rows.0.confidence: expected published or second-hand',
    ],
    [
      'a name that leads nowhere',
      {
        ...PRICE_TABLE,
        reroutes: [{ model: 'gemini-y', from: '2026-01-01', to: 'gemini-9', source: 'a page' }],
      },
      'gemini-y is answered by gemini-9, which has no prices',
    ],
    ['another currency', { ...PRICE_TABLE, currency: 'EUR' }, 'currency: expected USD'],
  ])('with %s is refused, and the file, the model and the days are named', (_, table, sentence) => {
    expect(problemsOf(() => new PriceList(table)).join('\n')).toContain(sentence);
    expect(() => new PriceList(table)).toThrow('shared/prices/table.ts');
  });

  it('has a price today for every model of the built-in profiles, without a warning', () => {
    expect(checkLadders(new PriceList(), allProfiles(), AT)).toEqual([]);
  });

  it('stops the start of a ladder with an unknown model, and names the file to edit', () => {
    expect(problemsOf(() => checkLadders(new PriceList(), [profileWith('gemini-9')], AT))).toEqual([
      'profile describe, step 0: there is no price for gemini-9; add it to shared/prices/table.ts',
    ]);
  });

  describe('with a model that ends', () => {
    const prices = new PriceList({
      ...PRICE_TABLE,
      models: [
        ...PRICE_TABLE.models,
        {
          id: 'gemini-x',
          imageTokens: 'budget',
          shutdown: '2026-12-01',
          successor: 'gemini-3.5-flash-lite',
          rows: [row('2026-01-01', null)],
        },
      ],
    });
    const check = (day: string) => checkLadders(prices, [profileWith('gemini-x')], Date.parse(day));

    it('stops the start of its ladder from that day on, and names its successor', () => {
      expect(problemsOf(() => check('2026-12-01'))).toEqual([
        expect.stringContaining('was shut down on 2026-12-01; use gemini-3.5-flash-lite'),
      ]);
    });

    it('warns 30 days before', () => {
      expect(check('2026-11-20')).toEqual([
        expect.stringContaining('will be shut down on 2026-12-01; use gemini-3.5-flash-lite'),
      ]);
      expect(check('2026-10-20')).toEqual([]);
    });
  });

  it('warns of a name that another model answers, and lets it go on', () => {
    const check = (day: string) =>
      checkLadders(new PriceList(), [profileWith('gemini-2.5-flash')], Date.parse(day));
    expect(check('2026-10-20')).toEqual([]);
    expect(check('2026-11-20')).toEqual([
      expect.stringContaining('will be answered by gemini-3.5-flash-lite from 2026-12-01 on, at its price'),
    ]);
    expect(check('2026-12-02')).toEqual([
      expect.stringContaining('has been answered by gemini-3.5-flash-lite since 2026-12-01'),
    ]);
  });

  it('stops the start on a day without a price', () => {
    const prices = new PriceList(tableWith(row('2026-01-01', '2026-11-19')));
    expect(problemsOf(() => checkLadders(prices, [profileWith('gemini-x')], AT))).toEqual([
      expect.stringContaining('gemini-x has no price for 2026-11-20; add a row to shared/prices/table.ts'),
    ]);
  });
});
