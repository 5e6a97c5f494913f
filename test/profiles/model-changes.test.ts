import { describe, expect, it } from 'vitest';
import type { EvaluateOptions } from '../../cli/evaluate/options.ts';
import { variantsToCome } from '../../cli/evaluate/successors.ts';
import { sayModelChanges } from '../../cli/prices/model-changes.ts';
import type { CostReport } from '../../shared/money/report.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { modelChanges } from '../../shared/profiles/model-changes.ts';
import { builtIn } from '../support/built-in.ts';

const inventory = builtIn('inventory');
const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** `inventory`, asking one model. */
const asking = (model: string): Profile => ({
  ...inventory,
  ladder: [{ ...inventory.ladder[0], models: [model] }],
});

const changes = (model: string, day: string) => modelChanges(new PriceList(), [asking(model)], at(day));

describe('what will happen to the models of a ladder', () => {
  it('is known 90 days ahead: a price that doubles, and the newest model of the tier', () => {
    expect(changes('gemini-3.8-flash', '2026-11-29')).toEqual([
      {
        ...{
          model: 'gemini-3.8-flash',
          profiles: ['inventory'],
          kind: 'price',
          on: '2027-01-01',
          daysLeft: 33,
        },
        ...{ to: 'gemini-3.8-flash', newest: 'gemini-4-hydrogen', priceFactor: 2 },
      },
    ]);
    expect(changes('gemini-3.8-flash', '2026-10-03')).toHaveLength(1);
    expect(changes('gemini-3.8-flash', '2026-10-02')).toEqual([]);
  });

  it('may be that Google lets another model answer', () => {
    expect(changes('gemini-2.5-pro', '2026-11-29')).toMatchObject([
      { kind: 'reroute', on: '2026-12-01', daysLeft: 2, to: 'gemini-3.8-flash', priceFactor: null },
    ]);
    expect(changes('gemini-2.5-flash', '2026-11-29')[0]?.priceFactor).toBeCloseTo(1);
  });

  it('is over on the day itself, and nothing for a model that stays', () => {
    expect(changes('gemini-3.8-flash', '2027-01-01')).toEqual([]);
    expect(changes('gemini-3.5-flash-lite', '2026-11-29')).toEqual([]);
  });

  it('is said with the days left, the bill of then and the command that tries what could follow', () => {
    const tokens = { prompt: 7_000_000, image: 0, cached: 0, thoughts: 0, output: 0 };
    const report = { models: { 'gemini-3.8-flash': { usd: 5.25, tokens } } } as unknown as CostReport;
    expect(sayModelChanges([asking('gemini-3.8-flash')], at('2026-11-29'), { report, days: 7 })).toEqual([
      {
        text:
          'The price of gemini-3.8-flash changes on 2027-01-01, in 33 days, at 2.00 times the price. ' +
          'With the pictures of the last 7 days its calls cost $45.00 a month instead of $22.50. It answers for inventory.',
        command: 'pipeline evaluate LABELS --profile inventory --successors',
        daysLeft: 33,
      },
    ]);
  });
});

describe('the bill of then', () => {
  it('is of all lanes that a model was called in', () => {
    const tokens = { prompt: 7_000_000, image: 0, cached: 0, thoughts: 0, output: 0 };
    const models = { 'gemini-3.8-flash/flex': { tokens }, 'gemini-3.8-flash/batch': { tokens } };
    const report = { models } as unknown as CostReport;
    const [change] = sayModelChanges([asking('gemini-3.8-flash')], at('2026-11-29'), { report, days: 7 });
    expect(change?.text).toContain('its calls cost $45.00 a month instead of $22.50.');
  });
});

describe('the successors that an evaluation tries', () => {
  const none = {} as EvaluateOptions;

  it('are what Google routes to and the newest of the tier, beside the ladder as it is', () => {
    const ids = (model: string, day: string) =>
      variantsToCome(asking(model), none, at(day)).map(({ id }) => id);
    expect(ids('gemini-3.8-flash', '2026-11-29')).toEqual([
      'gemini-3.8-flash MEDIUM 3072 standard',
      'gemini-4-hydrogen MEDIUM 3072 standard low',
    ]);
    expect(ids('gemini-2.5-flash', '2026-11-29')).toEqual([
      'gemini-2.5-flash MEDIUM 3072 standard',
      'gemini-3.5-flash-lite MEDIUM 3072 standard',
      'gemini-4-hydrogen MEDIUM 3072 standard low',
    ]);
  });

  it('are nobody where no model changes', () => {
    expect(() => variantsToCome(asking('gemini-3.5-flash-lite'), none, at('2026-11-29'))).toThrow(
      'No model of inventory ends or changes its price in the next 90 days.',
    );
  });
});
