import { Estimator } from '../../shared/money/estimate.ts';
import { expectedPrice } from '../../shared/money/profile-price.ts';
import type { Lane } from '../../shared/prices/lanes.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { loadReferences } from '../../shared/profiles/references.ts';

/** What a picture of a profile is expected to cost in a lane, or in its own, in US dollars; each profile is priced once. */
export function createPricing(lane?: Lane, prices = new PriceList()): (profile: Profile) => number {
  const estimator = new Estimator(prices);
  const known = new Map<string, number>();
  return (profile) => {
    let usd = known.get(profile.name);
    if (usd === undefined) {
      usd = expectedPrice(profile, loadReferences([profile])(profile), estimator, lane);
      known.set(profile.name, usd);
    }
    return usd;
  };
}
