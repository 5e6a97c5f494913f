import type { Lane } from '../../shared/prices/lanes.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Pipeline } from './pipeline.ts';

/** What the simulator has billed, in nano-dollars, by the price table. */
export function billOf({ model }: Pick<Pipeline, 'model'>): number {
  const prices = new PriceList();
  return Object.entries(model.bill().byTier).reduce(
    (total, [lane, byModel]) =>
      Object.entries(byModel).reduce((sum, [version, { prompt, cached, candidates, thoughts, image }]) => {
        const usage = { prompt, cached, image, output: candidates, thoughts };
        const call = { version, requested: version, usage, atMs: Date.now(), lane: lane as Lane };
        return sum + prices.costOf(call).nanos;
      }, total),
    0,
  );
}
