import { forecastOf } from '../../shared/money/forecast.ts';
import type { CostReport } from '../../shared/money/report.ts';
import { pricedAs } from '../../shared/money/spend-log.ts';
import { LANES } from '../../shared/prices/lanes.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { type ModelChange, modelChanges } from '../../shared/profiles/model-changes.ts';

const DAYS_OF_A_MONTH = 30;

/** A change in a sentence, and the command that shows what to do about it. */
interface SaidChange {
  text: string;
  command: string;
  daysLeft: number;
}

/**
 * What will happen to the models of these ladders in the next 90 days. With what some days cost, a forecast of the bill:
 * the same tokens at the prices of then.
 */
export function sayModelChanges(
  profiles: readonly Profile[],
  nowMs: number,
  spent?: { report: CostReport; days: number },
): SaidChange[] {
  const prices = new PriceList();
  return modelChanges(prices, profiles, nowMs).map((change) => ({
    text: `${whatHappens(change)}${forecast(prices, change, nowMs, spent)} It answers for ${change.profiles.join(', ')}.`,
    command: `pipeline evaluate LABELS --profile ${change.profiles[0] ?? 'PROFILE'} --successors`,
    daysLeft: change.daysLeft,
  }));
}

function whatHappens({ model, kind, on, daysLeft, to, priceFactor }: ModelChange): string {
  const when = `on ${on}, in ${daysLeft === 1 ? '1 day' : `${daysLeft} days`}`;
  const price = priceFactor === null ? '' : `, at ${priceFactor.toFixed(2)} times the price`;
  switch (kind) {
    case 'price':
      return `The price of ${model} changes ${when}${price}.`;
    case 'reroute':
      return `${model} is answered by ${to ?? 'another model'} from ${on} on, in ${daysLeft} days${price}.`;
    case 'end':
      return `${model} ends ${when}; ${to === undefined ? 'Google names no successor' : `its successor is ${to}${price}`}.`;
  }
}

function forecast(
  prices: PriceList,
  { model, on }: ModelChange,
  nowMs: number,
  spent: { report: CostReport; days: number } | undefined,
): string {
  if (!spent) return '';
  let [nowUsd, thenUsd] = [0, 0];
  for (const lane of LANES) {
    const name = pricedAs({ model, lane: lane === 'standard' ? undefined : lane });
    const line = spent.report.models[name];
    if (!line) continue;
    const inLane = forecastOf(prices, model, line.tokens, [nowMs, Date.parse(on)], lane);
    nowUsd += inLane.nowUsd;
    thenUsd += inLane.thenUsd;
  }
  if (nowUsd === 0) return '';
  const aMonth = (usd: number): string => {
    const sum = (usd / spent.days) * DAYS_OF_A_MONTH;
    return `$${sum.toFixed(sum < 1 ? 4 : 2)}`;
  };
  return ` With the pictures of the last ${spent.days} days its calls cost ${aMonth(thenUsd)} a month instead of ${aMonth(nowUsd)}.`;
}
