import type { Buckets } from '../../../shared/cloud/storage/buckets.ts';
import type { ObjectRef } from '../../../shared/cloud/storage/object.ts';
import type { Accepted, AcceptedMany, FileOutcome } from '../../../shared/results/api/answers.ts';
import { Problem, problemFrom } from '../problem.ts';
import { type ReceivedFile, RefusedForm } from './receive.ts';
import type { StoredFile } from './store.ts';

/** What became of one file of a submit. */
export type Outcome =
  | { told: Accepted; created: ObjectRef | undefined }
  | { told: FileOutcome; problem: Problem };

/** A file that is refused does not stop the others; what ends the whole submit is thrown. */
export async function outcomeOf(
  { index, name }: ReceivedFile,
  signal: AbortSignal,
  storing: Promise<StoredFile>,
): Promise<Outcome> {
  try {
    const { accepted, created } = await storing;
    return { told: accepted, created };
  } catch (error) {
    const problem = problemFrom(error);
    if (signal.aborted || problem instanceof RefusedForm || problem.status >= 500) throw error;
    const { code, message: detail, hint } = problem;
    return { told: { index, fileName: name, status: 'refused', code, detail, hint }, problem };
  }
}

const MULTI_STATUS = 207;

/**
 * All files in the order of the form: 202 when all are accepted, 207 when some are. Throws the first problem when none
 * is.
 */
export function answerTo(outcomes: readonly Outcome[]): { status: number; body: Accepted | AcceptedMany } {
  const [first, ...others] = outcomes;
  if (!first) {
    const hint = 'Add a picture, as curl -F file=@a.jpg does.';
    throw new Problem('INVALID_REQUEST', 'The form holds no file.', hint);
  }
  const refused = outcomes.filter((outcome) => 'problem' in outcome);
  if (refused.length === outcomes.length && 'problem' in first)
    throw others.length === 0 ? first.problem : withImages(first.problem, outcomes);
  if (others.length === 0 && !('problem' in first)) return { status: 202, body: first.told };
  return {
    status: refused.length > 0 ? MULTI_STATUS : 202,
    body: { images: outcomes.map(({ told }) => told) },
  };
}

/** Of a form that is wrong itself nothing stays; else what is stored will be answered, and the caller learns about it. */
export async function failureOf(
  { buckets }: { buckets: Pick<Buckets, 'delete'> },
  error: unknown,
  outcomes: readonly Outcome[],
): Promise<unknown> {
  const begun = outcomes.filter((outcome) => outcome !== undefined);
  if (error instanceof RefusedForm) {
    await Promise.all(
      begun.map((outcome) =>
        'created' in outcome && outcome.created ? buckets.delete(outcome.created) : undefined,
      ),
    );
    return error;
  }
  return begun.length === 0 ? error : withImages(problemFrom(error), begun);
}

const withImages = (problem: Problem, outcomes: readonly Outcome[]): Problem =>
  new Problem(
    problem.code,
    problem.message,
    problem.hint,
    { images: outcomes.map(({ told }) => told) },
    problem.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: problem.retryAfterSeconds },
  );
