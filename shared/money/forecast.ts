import type { Lane } from '../prices/lanes.ts';
import type { PriceList, TokenUsage } from '../prices/price-list.ts';
import { usdOf } from '../prices/units.ts';

/** US dollars that the same tokens cost at two times. */
interface Forecast {
  nowUsd: number;
  thenUsd: number;
}

/** What these tokens of a model cost today and will cost at `thenMs`. */
export function forecastOf(
  prices: PriceList,
  model: string,
  tokens: TokenUsage,
  [nowMs, thenMs]: readonly [number, number],
  lane: Lane = 'standard',
): Forecast {
  const at = (atMs: number): number =>
    usdOf(prices.costOf({ version: model, requested: model, usage: tokens, atMs, lane }).nanos);
  return { nowUsd: at(nowMs), thenUsd: at(thenMs) };
}
