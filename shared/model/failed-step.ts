import type { FailureCode } from '../base/errors/codes.ts';
import type { PipelineError } from '../base/errors/pipeline-error.ts';
import { DECISION_MODEL } from '../profiles/decision-step.ts';
import type { Profile } from '../profiles/define.ts';

/**
 * Whether the next step may do better than the failure of `model` says. A used-up quota of the day is that of one model; a
 * profile may wait for it rather than pay for a dearer one.
 */
export const mayClimb = (
  { code, disposition }: PipelineError,
  { whenQuotaIsSpent = 'climb' }: Pick<Profile, 'whenQuotaIsSpent'>,
  model: string,
): boolean =>
  (disposition.nextStep || (model === DECISION_MODEL && ONLY_OF_DECISIONS.has(code))) &&
  (code !== 'MODEL_QUOTA_DAY' || whenQuotaIsSpent === 'climb');

/** What a preview refuses may be its own fault: what is true of the picture the next model says too. */
const ONLY_OF_DECISIONS: ReadonlySet<FailureCode> = new Set([
  'MODEL_BLOCKED',
  'MODEL_REJECTED_REQUEST',
  'MODEL_REQUEST_TOO_LARGE',
]);

/** Which of two failures in a row says how the image goes on. */
export function likelier(earlier: PipelineError, current: PipelineError): PipelineError {
  const [a, b] = [earlier.disposition, current.disposition];
  if (a.redeliver || b.redeliver) return a.redeliver && !b.redeliver ? earlier : current;
  // Nobody can do better about what ends the climb.
  if (a.park && !b.nextStep && !b.park) return current;
  if (a.park && b.park)
    return (current.facts.until ?? Number.POSITIVE_INFINITY) <
      (earlier.facts.until ?? Number.POSITIVE_INFINITY)
      ? current
      : earlier;
  return a.park ? earlier : current;
}
