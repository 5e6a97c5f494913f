import { PipelineError } from '../../shared/errors/pipeline-error.ts';
import type { GenerateContent } from '../../shared/gemini/model.ts';
import { DeadlineExceeded, withDeadline } from '../../shared/resilience/deadline.ts';
import { retry } from '../../shared/resilience/retry.ts';

export interface GuardOptions {
  /** Calls of one question, the first included. */
  maxAttempts: number;
  /** One call, in milliseconds. */
  attemptMs: number;
  /** All calls of one question and the waits between them, in milliseconds. */
  overallMs: number;
  /** Bounds of the waits that the server does not name, in milliseconds. */
  baseMs: number;
  maxMs: number;
  random?: () => number;
}

/** Puts deadline and retry around a model. The attempt's clock starts inside the retry, so that a wait never eats its time. */
export const guarded =
  (call: GenerateContent, options: GuardOptions): GenerateContent =>
  async (request, signal) => {
    try {
      return await retry({ ...options, verdict: worthAnotherCall }, signal, (inner) =>
        withDeadline(options.attemptMs, inner, (attempt) => call(request, attempt)),
      );
    } catch (error) {
      if (error instanceof DeadlineExceeded) {
        throw new PipelineError('MODEL_TIMEOUT', `${request.model}: ${error.message}.`, { cause: error });
      }
      throw error;
    }
  };

function worthAnotherCall(error: unknown): boolean | number {
  if (error instanceof DeadlineExceeded) return true;
  if (!(error instanceof PipelineError)) return false;
  const { retry: rule } = error.disposition;
  if (rule !== 'backoff' && rule !== 'as-told') return false;
  return error.facts.retryAfterMs ?? true;
}
