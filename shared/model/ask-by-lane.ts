import { dispositionOf, PipelineError } from '../base/errors/pipeline-error.ts';
import { alongside, DeadlineExceeded, withDeadline } from '../base/resilience/deadline.ts';
import type { SynchronousLane } from '../prices/lanes.ts';
import { DECISION_MODEL } from '../profiles/decision-step.ts';
import type { AskModel } from './request.ts';

/** How a picture is to be asked about. */
export interface Patience {
  asked: SynchronousLane;
  /** When its answer is due, epoch milliseconds. */
  endsAt: number;
}

interface LaneOptions {
  /** What a standard answer may take: flex is given up this long before patience ends. Milliseconds. */
  reserveMs: number;
  /** How soon a picture that was set aside is taken up again at the latest, in milliseconds. */
  returnMs: number;
  /** All flex calls of one execution, in milliseconds. */
  overallMs: number;
  /** A flex call begins only while at least this much time is left for it. Milliseconds. */
  leastMs: number;
}

/**
 * The calls of one picture by its lane. A flex call that finds no capacity, after its own retries, waits for more as
 * long as patience lasts: set aside, where nothing was paid for it yet, and asked by the standard lane at the end. The
 * price is that of the lane that serves.
 */
export const createLanes =
  (standard: AskModel, flex: AskModel, { reserveMs, returnMs, overallMs, leastMs }: LaneOptions) =>
  ({ asked, endsAt }: Patience): AskModel => {
    if (asked === 'standard') return standard;
    if (asked === 'priority')
      return (request, signal) =>
        standard(request.model === DECISION_MODEL ? request : { ...request, lane: 'priority' }, signal);
    let hasAnswer = false;
    let afterFlex: AbortSignal | undefined;
    const overAt = Math.min(endsAt - reserveMs, Date.now() + overallMs);
    return async (request, signal) => {
      // It has one lane only, and costs less than others save by theirs.
      if (request.model === DECISION_MODEL) return standard(request, signal);
      const leftMs = overAt - Date.now();
      if (leftMs > leastMs) {
        afterFlex = undefined;
        try {
          const reply = await withDeadline(leftMs, signal, (inner) =>
            flex({ ...request, lane: 'flex' }, inner),
          );
          hasAnswer = true;
          return reply;
        } catch (error) {
          if (signal.aborted || !isForWantOfCapacity(error)) throw error;
          // What was answered would be lost with this execution, and has cost more than flex still saves.
          if (!hasAnswer && endsAt - reserveMs - Date.now() > returnMs) throw setAside(error, returnMs);
        }
      }
      // Neither a gate before nor the minutes of flex are the time of the standard calls: it begins with the first of them.
      afterFlex ??= alongside(signal);
      return standard(request, afterFlex);
    };
  };

/**
 * A timeout is how a crowded flex lane looks, and so are a breaker or a queue that are full. What is paused for all, or
 * the picture's own fault, is as true of the standard lane.
 */
function isForWantOfCapacity(error: unknown): boolean {
  if (error instanceof DeadlineExceeded) return true;
  const disposition = dispositionOf(error);
  return disposition?.redeliver === true && (disposition.alternative || isTimeLimit(error));
}

const isTimeLimit = (error: unknown): boolean =>
  error instanceof PipelineError && error.code === 'TIME_LIMIT';

/** Not all at the same moment: capacity that returns would be used up by the first. */
function setAside(cause: unknown, returnMs: number): PipelineError {
  const until = Date.now() + returnMs * (0.05 + Math.random() * 0.1);
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PipelineError('LANE_WAITING', `No capacity in the flex lane: ${message}`, {
    cause,
    facts: { until },
  });
}
