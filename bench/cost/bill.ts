import type { BilledTokens } from '../../local/gemini/bill.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import type { Lane } from '../../shared/prices/lanes.ts';
import { PriceList } from '../../shared/prices/price-list.ts';

/** What the simulator counted, at the prices of the day, in nano-dollars. */
export function billed(simulator: GeminiSimulator): number {
  const prices = new PriceList();
  return Object.entries(simulator.bill().byTier)
    .flatMap(([tier, byModel]) =>
      Object.entries(byModel).map(([version, tokens]) => priceOf(prices, version, tokens, tier as Lane)),
    )
    .reduce((sum, nanos) => sum + nanos, 0);
}

const priceOf = (prices: PriceList, version: string, tokens: BilledTokens, lane: Lane): number =>
  prices.costOf({
    version,
    requested: version,
    usage: { ...tokens, output: tokens.candidates },
    atMs: Date.now(),
    lane,
  }).nanos;
