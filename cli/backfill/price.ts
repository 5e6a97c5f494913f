import { composePrompt } from '../../shared/model/prompt.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { loadReferences } from '../../shared/profiles/references.ts';

/** Most photos have this shape. */
const USUAL_ASPECT = 4 / 3;

/**
 * What a picture of a profile is expected to cost, in US dollars: one answer at the first step of its ladder, for a
 * picture as large as the profile allows. Higher steps and repairs come on top, repeated pictures cost nothing.
 */
export function createPricing(prices = new PriceList()): (profile: Profile) => number {
  const estimator = new Estimator(prices);
  const known = new Map<string, number>();
  return (profile) => {
    let usd = known.get(profile.name);
    if (usd === undefined) {
      usd = priceOf(profile, estimator);
      known.set(profile.name, usd);
    }
    return usd;
  };
}

function priceOf(profile: Profile, estimator: Estimator): number {
  const [step] = profile.ladder;
  const [model] = step.models;
  const { instructions, references, text, responseSchema } = composePrompt(
    profile,
    loadReferences([profile])(profile),
  );
  const request = {
    model,
    step,
    instructions,
    references,
    prompt: text,
    responseSchema,
    image: { mimeType: 'image/jpeg', base64: '' },
  };
  const size = { width: profile.maxSide, height: Math.round(profile.maxSide / USUAL_ASPECT) };
  return usdOf(estimator.estimate('backfill', request, size, Date.now()).expected);
}
