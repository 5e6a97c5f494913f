import type { Patience } from '../../shared/model/ask-by-lane.ts';
import { afterRecorded, readRecorded } from '../../shared/model/recorded-calls.ts';
import type { AskModel } from '../../shared/model/request.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { AskedLane, ResultDocument } from '../../shared/results/document.ts';

export interface LaneDependencies {
  /** The calls of a picture that goes by another lane than the standard one. */
  callBy: (patience: Patience) => AskModel;
  /** Whether the profile asks what batches have asked of the picture. */
  isStillAsked: (question: string, profile: Profile) => boolean;
}

/** By its lane, after what was answered before it left its batch: that is paid for. */
export function callByLane(
  deps: LaneDependencies,
  lane: AskedLane,
  document: ResultDocument,
  profile: Profile,
): AskModel {
  const byLane = deps.callBy(patienceOf(lane));
  const replies = repliesTo(deps, document, profile);
  return replies === undefined ? byLane : afterRecorded(readRecorded(replies), byLane);
}

/** What was answered of the picture, where its profile still asks that. */
export const repliesTo = (
  { isStillAsked }: Pick<LaneDependencies, 'isStillAsked'>,
  { batch }: ResultDocument,
  profile: Profile,
): string | undefined =>
  batch?.replies !== undefined && isStillAsked(batch.question, profile) ? batch.replies : undefined;

/** What no batch has answered goes by flex. */
const patienceOf = ({ asked, since, patienceMs }: AskedLane): Patience => ({
  asked: asked === 'batch' ? 'flex' : asked,
  endsAt: since.getTime() + patienceMs,
});
