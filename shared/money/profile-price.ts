import { composePrompt, requestAt } from '../model/prompt.ts';
import { NO_IMAGE, USUAL_SHAPE } from '../model/request.ts';
import type { Lane } from '../prices/lanes.ts';
import { PriceList } from '../prices/price-list.ts';
import { usdOf } from '../prices/units.ts';
import type { Profile } from '../profiles/define.ts';
import { chooseLane } from '../profiles/lane-choice.ts';
import type { ReferencePicture } from '../profiles/references.ts';
import { Estimator } from './estimate.ts';

/**
 * What a picture of a profile is expected to cost, in US dollars: one answer at the first step of its ladder, for a
 * picture as large as the profile allows, in the lane of the profile unless another one is named. Higher steps and
 * repairs come on top, repeated pictures cost nothing.
 */
export function expectedPrice(
  profile: Profile,
  references: readonly ReferencePicture[],
  estimator = new Estimator(new PriceList()),
  lane: Lane | undefined = chooseLane(profile)?.asked,
): number {
  const asked = { prompt: composePrompt(profile, references), image: NO_IMAGE };
  const request = {
    ...requestAt(asked, profile.ladder[0]),
    ...(lane === undefined ? {} : { lane }),
  };
  const size = {
    width: profile.maxSide,
    height: Math.round((profile.maxSide * USUAL_SHAPE.height) / USUAL_SHAPE.width),
  };
  return usdOf(estimator.estimate('expected', request, size, Date.now()).expected);
}
