import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { type LateRecords, recordStateOf } from '../../shared/money/late-records.ts';
import type { Claim, ImageCost, Stopgap } from '../../shared/results/claim.ts';
import type { Attempt, Timings } from '../../shared/results/document.ts';
import { asText } from '../../shared/results/outcomes.ts';
import type { Results } from '../../shared/results/results.ts';

interface EndDependencies {
  results: Results;
  /** What could not be booked together with its image. */
  late: Pick<LateRecords, 'record' | 'keep'>;
  log: Log;
}

/** What is written down whichever way an execution ends. */
export interface Progress {
  attempts: Attempt[];
  timings: Timings;
  money?: ImageCost;
}

/** How long an image is set aside when nobody named a time. */
const PARK_MS = 3_600_000;

/** Decides what a failure means for the document and for the delivery: the only place of this function that does. */
export async function endAfter(
  deps: EndDependencies,
  claim: Claim,
  failure: PipelineError,
  state: (ended: boolean) => Progress,
  found: { stopgap: Stopgap | undefined; answer: Record<string, unknown> | undefined },
): Promise<void> {
  const { results, log, late } = deps;
  const { redeliver, park } = failure.disposition;
  if (isFailure(failure, 'SUPERSEDED')) {
    // Another execution ends the image by now; what this one paid is booked all the same.
    const { money } = state(false);
    if (money?.record) await late.record(claim.owner, money.record);
    return log.info('analyze.superseded', { id: claim.id });
  }
  const { attempts, timings, money } = state(!redeliver && !park);
  log.error('analyze.failed', failure, { id: claim.id, costUsd: money?.cost.usd });
  const stored = (write: Promise<void>) =>
    write.catch(endRefused(deps, claim, state)).catch(bookLater(deps, claim, state));
  if (found.stopgap) return stored(results.parkDegraded(claim, failure, found.stopgap, attempts, money));
  if (park) {
    const until = new Date(failure.facts.until ?? Date.now() + PARK_MS);
    return stored(results.park(claim, failure, until, attempts, money));
  }
  if (!redeliver) {
    const kept = { ...(money ? { money } : {}), ...(found.answer ? asText(found.answer) : {}) };
    return stored(results.end(claim, failure, { attempts, timings, ...kept }));
  }
  // If the claim cannot be released now, it expires.
  await stored(results.release(claim, attempts, failure, money)).catch((error: unknown) =>
    log.warn('claim.kept', { id: claim.id, error: String(error) }),
  );
  throw failure;
}

/** A document that Firestore will never store ends its image now: delivered again, it would be paid for again. */
const endRefused =
  ({ results, log }: EndDependencies, claim: Claim, state: (ended: boolean) => Progress) =>
  (error: unknown): Promise<void> => {
    if (!isFailure(error, 'STORE_REFUSED')) throw error;
    log.error('analyze.refused-by-store', error, { id: claim.id });
    return results.end(claim, PipelineError.from(error), state(true));
  };

/** Another execution ends the image; what this one paid is booked once it is known that it has not been. */
const bookLater =
  ({ results, late }: EndDependencies, claim: Claim, state: (ended: boolean) => Progress) =>
  (error: unknown): never => {
    const { attempts, money } = state(false);
    const row = attempts.at(-1);
    if (money?.record && row) late.keep(claim.owner, money.record, recordStateOf(results, claim, row));
    throw error;
  };
