import { dispositionOf, PipelineError } from '../../base/errors/pipeline-error.ts';
import { deadlineOf } from '../../base/resilience/deadline.ts';
import type { Refusal } from '../../base/resilience/limiter.ts';
import type { Control, Pause, Target } from '../../results/pauses.ts';

/** Throws what the call would fail with while the pipeline or the model is paused. */
export async function refuseWhilePaused(control: Control, model: string): Promise<void> {
  const [everything, pause] = await Promise.all([control.pauseOf('pipeline'), control.pauseOf({ model })]);
  if (everything) throw paused('PIPELINE_PAUSED', 'The pipeline', everything);
  if (pause) throw paused(pause.code, model, pause);
}

function paused(code: Pause['code'], who: string, pause: Pause): PipelineError {
  const { until, reason } = pause;
  const named = Number.isFinite(until);
  return new PipelineError(
    code,
    `${who} is paused${named ? ` until ${new Date(until).toISOString()}` : ''}: ${reason}`,
    {
      facts: named ? { until, retryAfterMs: Math.max(1, until - Date.now()) } : {},
      cause: new PipelineError(pause.code, reason),
    },
  );
}

/** What a failure means for everyone else's calls: what is paused, and until when. */
export function pauseAfter(
  failure: PipelineError,
  model: string,
  repairMs: number,
  nowMs: number,
): { target: Target; pause: Pause } | undefined {
  const { code, message: reason, facts } = failure;
  const { pauses, redeliver } = failure.disposition;
  if (pauses === 'nothing') return undefined;
  // Every call of every model fails alike until a person fixes it; the next one after the pause finds out.
  if (pauses === 'pipeline') return { target: pauses, pause: { until: nowMs + repairMs, code, reason } };
  // Without a time from the server it is a shared pool that is full: jitter and fewer calls at once answer that.
  const soon = facts.retryAfterMs === undefined ? undefined : nowMs + facts.retryAfterMs;
  const until = redeliver ? soon : (facts.until ?? nowMs + repairMs);
  return until === undefined ? undefined : { target: { model }, pause: { until, code, reason } };
}

/** The failure with the time until which its image is to be parked. */
export const withUntil = (failure: PipelineError, until: number): PipelineError =>
  new PipelineError(failure.code, failure.message, {
    cause: failure.cause,
    facts: { ...failure.facts, until },
  });

/** The vendor's fault, not our request's, nor a quota's that works as intended. */
export const isVendorFailure = (error: unknown): boolean => dispositionOf(error)?.countsForBreaker === true;

/** Whether the vendor was reached: want of money or of time ends a call before. */
export const isVendorAnswer = (error: unknown): boolean =>
  error instanceof PipelineError && error.facts.httpStatus !== undefined;

/** Signs of too many calls at once. */
export const isOverload = (error: unknown): boolean => dispositionOf(error)?.lowersConcurrency === true;

/** Whether a call that begins now would be cut off: it is paid for all the same. */
export const isTooLate = (signal: AbortSignal, leastMs: number): boolean =>
  deadlineOf(signal) - Date.now() < leastMs;

export const tooLate = (model: string): PipelineError =>
  new PipelineError('TIME_LIMIT', `${model}: too little time is left for another call about this picture.`);

/** How a failed call goes on: not at all, after the wait that was told, or after one of our choosing. */
type Repetition = { kind: 'never' } | { kind: 'told'; waitMs: number } | { kind: 'backoff' };

export function repetition(error: unknown): Repetition {
  if (!(error instanceof PipelineError)) return { kind: 'never' };
  const { retry } = error.disposition;
  if (retry !== 'backoff' && retry !== 'as-told') return { kind: 'never' };
  const { retryAfterMs } = error.facts;
  return retryAfterMs === undefined ? { kind: 'backoff' } : { kind: 'told', waitMs: retryAfterMs };
}

export const busy = (model: string, reason: Refusal, untilMs: number): PipelineError =>
  new PipelineError(
    'MODEL_BUSY',
    reason === 'full'
      ? `${model}: too many pictures are waiting for it in this instance.`
      : `${model}: its quota has no room before ${new Date(untilMs).toISOString()}.`,
    { facts: { until: untilMs } },
  );

export const resting = (model: string, untilMs: number): PipelineError =>
  new PipelineError(
    'MODEL_PAUSED',
    `${model}: failed repeatedly and is left alone until ${new Date(untilMs).toISOString()}.`,
    { facts: { until: untilMs, retryAfterMs: Math.max(1, untilMs - Date.now()) } },
  );
