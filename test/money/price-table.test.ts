import { describe, expect, it } from 'vitest';
import { PriceError, PriceList } from '../../shared/prices/price-list.ts';
import { PRICE_TABLE } from '../../shared/prices/table.ts';
import { checkLadders } from '../../shared/profiles/check-ladders.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { allProfiles } from '../../shared/profiles/index.ts';
import { builtIn } from '../support/built-in.ts';

const describeProfile = builtIn('describe');

const AT = Date.parse('2026-11-20T12:00:00Z');

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
      checkLadders(new PriceList(), [profileWith('gemini-2.5-flash')], Date.parse(day)).filter((warning) =>
        warning.includes('answered by'),
      );
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
