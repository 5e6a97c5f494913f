import { isFailure, PipelineError } from '../../shared/errors/pipeline-error.ts';
import type { ObjectEvent } from '../../shared/events/object-event.ts';
import type { GenerateContent } from '../../shared/gemini/model.ts';
import type { Log } from '../../shared/log/log.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { Attempt, Timings } from '../../shared/results/document.ts';
import { parsePreparedName } from '../../shared/results/id.ts';
import type { Claim, Results } from '../../shared/results/results.ts';
import type { Buckets } from '../../shared/storage/buckets.ts';
import { createClimb } from './ladder.ts';

export interface Dependencies {
  buckets: Pick<Buckets, 'read'>;
  results: Results;
  profileNamed: (name: string) => Profile | undefined;
  call: GenerateContent;
  log: Log;
  leaseMs: number;
}

/** The largest picture that resize-image can write: 3072 pixels square at quality 85, with room. */
const MAX_PREPARED_BYTES = 15_000_000;

/** A document keeps this many of its model calls, the newest. */
const MAX_ATTEMPTS_KEPT = 40;

/** How long an image is set aside when nobody named a time. */
const PARK_MS = 3_600_000;

/** One prepared picture in, one answered document out. Throws only if delivering the event again could help. */
export const createHandler =
  (deps: Dependencies) =>
  async (event: ObjectEvent, signal: AbortSignal): Promise<void> => {
    const { results, log } = deps;
    const named = parsePreparedName(event.ref.name);
    if (event.kind !== 'finalized' || !named)
      return log.info('analyze.ignored', { ref: event.ref, kind: event.kind });

    const outcome = await results.claimPrepared(named.id, named.generation, deps.leaseMs);
    switch (outcome.kind) {
      case 'done':
      case 'superseded':
      case 'absent':
        return log.info('analyze.nothing-to-do', { ref: event.ref, because: outcome.kind });
      case 'busy':
        // Returning would lose the event if the owner dies.
        throw new PipelineError(
          'CLAIM_BUSY',
          `${named.id} is being analyzed until ${outcome.until.toISOString()}.`,
        );
      case 'runaway':
        return results.end(outcome.claim, runaway(outcome.count));
      case 'claimed':
        return analyze(deps, event, outcome.claim, signal);
    }
  };

async function analyze(
  deps: Dependencies,
  event: ObjectEvent,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { buckets, results, log } = deps;
  let askedAt: number | undefined;
  const earlier = claim.document.attempts;
  let attempts: Attempt[] = [];
  const allAttempts = () => [...earlier, ...attempts].slice(-MAX_ATTEMPTS_KEPT);
  const timings = (): Timings => ({
    ...waits(event, claim),
    ...(askedAt === undefined ? {} : { modelMs: Date.now() - askedAt }),
  });
  try {
    const profile = deps.profileNamed(claim.document.profile);
    if (!profile)
      throw new PipelineError(
        'UNKNOWN_PROFILE',
        `The profile ${claim.document.profile} is no longer deployed.`,
      );

    const bytes = await buckets.read(event.ref, { maxBytes: MAX_PREPARED_BYTES, signal });
    const climb = createClimb(
      profile,
      { mimeType: 'image/jpeg', base64: bytes.toString('base64') },
      deps.call,
    );
    attempts = climb.attempts;
    askedAt = Date.now();
    const climbed = await climb.run(signal);
    await results.complete(claim, { ...climbed, attempts: allAttempts(), timings: timings() });
    log.info('analyze.done', {
      id: claim.id,
      ref: event.ref,
      model: climbed.model.version,
      step: climbed.model.step,
      ms: Date.now() - claim.startedAt,
    });
  } catch (error) {
    await settle(deps, claim, PipelineError.from(error), allAttempts(), timings());
  }
}

/** Decides what a failure means for the document and for the delivery: the only place of this function that does. */
async function settle(
  { results, log }: Dependencies,
  claim: Claim,
  failure: PipelineError,
  attempts: Attempt[],
  timings: Timings,
): Promise<void> {
  if (isFailure(failure, 'SUPERSEDED')) return log.info('analyze.superseded', { id: claim.id });
  log.error('analyze.failed', failure, { id: claim.id });
  const { redeliver, park } = failure.disposition;
  if (park)
    return results.park(claim, failure, new Date(failure.facts.until ?? Date.now() + PARK_MS), attempts);
  if (!redeliver) return results.end(claim, failure, { attempts, timings });
  // If the claim cannot be given back now, it ends by itself.
  await results
    .release(claim, attempts, failure)
    .catch((error: unknown) => log.warn('claim.kept', { id: claim.id, error: String(error) }));
  throw failure;
}

/** How long the picture took to be written and waited for us; clocks of two machines may differ by a little. */
function waits(event: ObjectEvent, claim: Claim): Timings {
  if (event.createdAt === undefined) return {};
  const recordedAt = claim.document.updatedAt.getTime();
  const before = claim.document.timings;
  return {
    ...(before.uploadMs === undefined ? { uploadMs: Math.max(0, event.createdAt - recordedAt) } : {}),
    queueMs: (before.queueMs ?? 0) + Math.max(0, claim.startedAt - event.createdAt),
  };
}

const runaway = (count: number): PipelineError =>
  new PipelineError('RUNAWAY', `This image was executed ${count} times without coming to an end.`);
