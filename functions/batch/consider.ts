import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { type Climbed, climb, type PictureQuestion } from '../../shared/model/ladder.ts';
import { afterRecorded, notRecorded, type RecordedCall } from '../../shared/model/recorded-calls.ts';
import type { AskModel, ModelRequest } from '../../shared/model/request.ts';

/** What the calls that were made come to. */
interface Considered {
  next:
    | { kind: 'answered'; climbed: Climbed }
    /** Another call is needed: the first one, a repair, or the next step of the ladder. */
    | { kind: 'asks'; request: ModelRequest }
    | { kind: 'failed'; failure: PipelineError };
  /** Of each call, the next one included: its step of the ladder, from 0. */
  steps: readonly number[];
  /** What each answer was worth. */
  outcomes: readonly string[];
}

/** Climbs the ladder with the answers that are there, and says what it would do next. */
export async function consider(
  question: Omit<PictureQuestion, 'call' | 'charges'>,
  calls: readonly RecordedCall[],
  signal: AbortSignal,
): Promise<Considered> {
  const steps: number[] = [];
  const outcomes: string[] = [];
  let step = 0;
  let asked: ModelRequest | undefined;
  const replay = afterRecorded(calls, async ({ charges: _, ...request }) => {
    asked = { ...request, lane: 'batch' };
    // Ends the climb: nobody else is asked.
    throw new PipelineError('BATCH_WAITING', 'The next call is made by a batch.');
  });
  const call: AskModel = (request, inner) => {
    steps.push(step);
    return replay(request, inner);
  };
  const charges = {
    at: (index: number) => {
      step = index;
      return { begin: () => Promise.reject(new Error('A call that was made is not charged again.')) };
    },
    judged: (outcome: string) => void outcomes.push(outcome),
  };
  const passesOver = notRecorded(calls);
  const ended = await climb({ ...question, call, charges, passesOver }, signal).catch((error: unknown) =>
    PipelineError.from(error),
  );
  if (asked) return { next: { kind: 'asks', request: asked }, steps, outcomes };
  return {
    next:
      ended instanceof PipelineError
        ? { kind: 'failed', failure: ended }
        : { kind: 'answered', climbed: ended },
    steps,
    outcomes,
  };
}
