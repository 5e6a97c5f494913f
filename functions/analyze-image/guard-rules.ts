import { isFailure, PipelineError } from '../../shared/errors/pipeline-error.ts';
import { deadlineOf } from '../../shared/resilience/deadline.ts';
import type { Refusal } from '../../shared/resilience/limiter.ts';

/** The vendor's fault, not our request's, nor a quota's that works as intended. */
export const isVendorFailure = (error: unknown): boolean =>
  isFailure(error, 'MODEL_OVERLOADED', 'MODEL_TIMEOUT', 'MODEL_NETWORK');

/** Whether the vendor was reached: want of money or of time ends a call before. */
export const isVendorAnswer = (error: unknown): boolean =>
  error instanceof PipelineError && error.facts.httpStatus !== undefined;

/** Signs of too many calls at once. */
export const isOverload = (error: unknown): boolean =>
  isFailure(error, 'MODEL_OVERLOADED', 'MODEL_QUOTA_MINUTE');

/** Whether a call that begins now would be cut off: it is paid for all the same. */
export const isTooLate = (signal: AbortSignal, leastMs: number): boolean =>
  deadlineOf(signal) - Date.now() < leastMs;

export const tooLate = (model: string): PipelineError =>
  new PipelineError('TIME_LIMIT', `${model}: too little time is left for another call about this picture.`);

/** How a failed call goes on: not at all, after the wait that was told, or after one of our choosing. */
export type Repetition = { kind: 'never' } | { kind: 'told'; waitMs: number } | { kind: 'backoff' };

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
