import { PriceList } from '../../shared/prices/price-list.ts';
import type { Pipeline } from './pipeline.ts';

/** What the simulator has billed, in nano-dollars, by the price table. */
export function billOf({ model }: Pick<Pipeline, 'model'>): number {
  const prices = new PriceList();
  return Object.entries(model.bill().byModel).reduce(
    (sum, [version, { prompt, cached, candidates, thoughts, image }]) => {
      const usage = { prompt, cached, image, output: candidates, thoughts };
      return sum + prices.costOf({ version, requested: version, usage, atMs: Date.now() }).nanos;
    },
    0,
  );
}
