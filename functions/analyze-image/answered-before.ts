import { isFailure } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import type { ObjectRef } from '../../shared/cloud/storage/object.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { Claim, ImageCost } from '../../shared/results/claim.ts';
import type { ResultDocument, Timings } from '../../shared/results/document.ts';
import type { KnownAnswer } from '../../shared/results/known-answer.ts';
import { repeating } from '../../shared/results/outcomes.ts';
import type { Results } from '../../shared/results/results.ts';
import type { Progress } from './ending.ts';
import type { ToBatch } from './to-batch.ts';

export interface RepeatDependencies {
  results: Results;
  /** What the same picture was answered before, if it was; throws CLAIM_BUSY while it is being asked about. */
  recall: (
    claim: Claim,
    profile: Profile,
    signal: AbortSignal,
    forBatch?: boolean,
  ) => Promise<KnownAnswer | undefined>;
  recordHit: (document: ResultDocument, savedUsd: number) => ImageCost;
  /** Where pictures of the lane batch go. */
  toBatch: ToBatch;
  log: Log;
}

/**
 * The picture waits for a batch already; one that was answered before need not. While another one of the same bytes
 * waits for its answer, this one waits for that.
 */
export async function joinBatch(
  deps: RepeatDependencies,
  claim: Claim,
  { ref, timings, findProfile }: { ref: ObjectRef; timings: Timings; findProfile: () => Promise<Profile> },
  signal: AbortSignal,
): Promise<void> {
  const { results, log, toBatch } = deps;
  try {
    const profile = await findProfile();
    const known = await deps.recall(claim, profile, signal, true);
    if (known) {
      const { attempts } = claim.document;
      return await repeat(deps, claim, profile, known, { attempts: [...attempts], timings });
    }
  } catch (error) {
    // What cannot be looked up now is asked: nobody waits for a batch in vain.
    if (isFailure(error, 'CLAIM_BUSY')) await results.waitForRepeat(claim);
    else log.error('batch.not-looked-up', error, { id: claim.id });
  }
  log.info('batch.joined', { id: claim.id, ref });
  await toBatch.joined(claim.document);
}

/** Another one like it may wait for its batch for hours: this one waits for that, and is not delivered until then. */
export async function waitsForRepeat(
  { results, toBatch }: RepeatDependencies,
  claim: Claim,
): Promise<boolean> {
  const { document } = claim;
  const aside = document.lane?.asked === 'batch' ? await toBatch.asRepeat(document) : undefined;
  if (!aside) return false;
  await results.setAside(claim, aside, [...document.attempts]);
  return true;
}

/** Stores the answer that the same picture got before: it costs nothing and says so. */
export async function repeat(
  { results, log, recordHit }: RepeatDependencies,
  claim: Claim,
  { version: profileVersion }: Profile,
  known: KnownAnswer,
  { attempts, timings }: Progress,
): Promise<void> {
  const { savedUsd, takenOver } = known;
  await results.complete(claim, {
    ...repeating(known, { profileVersion, attempts, timings }),
    money: recordHit(claim.document, savedUsd),
  });
  log.info('analyze.repeated', {
    ...{ id: claim.id, costUsd: 0, savedByCacheUsd: savedUsd },
    from: takenOver?.from,
    similarity: takenOver?.similarity,
  });
}
