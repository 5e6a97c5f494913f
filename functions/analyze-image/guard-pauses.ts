import type { Control } from '../../shared/control/control.ts';
import type { Pause, Target } from '../../shared/control/pause.ts';
import { PipelineError } from '../../shared/errors/pipeline-error.ts';

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
  switch (code) {
    case 'MODEL_QUOTA_MINUTE':
      // Without a told time it is a shared pool that is full: jitter and fewer calls at once answer that.
      if (facts.retryAfterMs === undefined) return undefined;
      return { target: { model }, pause: { until: nowMs + facts.retryAfterMs, code, reason } };
    case 'MODEL_QUOTA_SPEND':
    case 'MODEL_QUOTA_DAY':
      return { target: { model }, pause: { until: facts.until ?? nowMs + repairMs, code, reason } };
    case 'MODEL_CREDIT':
    case 'MODEL_CREDENTIALS':
      // Every call of every model fails alike until a person mends it; the next one after the pause finds out.
      return { target: 'pipeline', pause: { until: nowMs + repairMs, code, reason } };
    default:
      return undefined;
  }
}

/** The failure with the time until which its image is to be parked. */
export const withUntil = (failure: PipelineError, until: number): PipelineError =>
  new PipelineError(failure.code, failure.message, {
    cause: failure.cause,
    facts: { ...failure.facts, until },
  });
