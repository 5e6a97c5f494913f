import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { AllowTime } from '../../shared/cloud/events/delivery.ts';
import type { ObjectEvent } from '../../shared/cloud/events/object-event.ts';
import { climb, reviewReason } from '../../shared/model/ladder.ts';
import type { OpenPicture } from '../../shared/model/open-picture.ts';
import { lookForCodes } from '../../shared/model/read-codes.ts';
import type { AskModel } from '../../shared/model/request.ts';
import { type LateRecords, MAX_ATTEMPTS_KEPT } from '../../shared/money/late-records.ts';
import type { ImageSpending } from '../../shared/money/spending.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { type Claim, waitedMs } from '../../shared/results/claim.ts';
import type { ResultDocument, Timings } from '../../shared/results/document.ts';
import { parsePreparedName } from '../../shared/results/id.ts';
import { joinBatch, type RepeatDependencies, repeat, waitsForRepeat } from './answered-before.ts';
import { askFirst, type Early } from './ask-first.ts';
import { callByLane, type LaneDependencies } from './by-lane.ts';
import { endAfter, type Progress } from './ending.ts';
import type { AskedPicture, FindStopgap } from './fallback.ts';
import type { RefuseUnsuitable } from './suitable.ts';

interface AnalyzeDependencies extends RepeatDependencies, LaneDependencies {
  openPicture: OpenPicture;
  /** What to show while no model can answer. */
  findStopgap: FindStopgap;
  /** By name and version, as recorded with the picture, or the active one where it is asked about again. */
  profileAsked: (name: string, version: number, isAskedAnew: boolean) => Promise<Profile | undefined>;
  /** The calls of a picture in the standard lane. */
  call: AskModel;
  /** Asks the gate of a profile that has one. */
  refuseUnsuitable: RefuseUnsuitable;
  /** Whether the decision model can be asked. */
  decides: boolean;
  pay: (document: ResultDocument, profile: Profile) => Promise<ImageSpending>;
  /** What could not be booked together with its image. */
  late: Pick<LateRecords, 'record' | 'keep' | 'settle'>;
  /** What an execution may take by the picture's lane, and how long the picture is claimed. Milliseconds. */
  limitsOf: (document: ResultDocument) => { timeoutMs: number; leaseMs: number };
  /** The model is asked within this time of the claim, or not at all. Milliseconds. */
  askWithinMs: number;
}

/** One prepared picture in, one answered document out. Throws only if delivering the event again could help. */
export const createAnalyze =
  (deps: AnalyzeDependencies) =>
  async (event: ObjectEvent, signal: AbortSignal, allow: AllowTime = () => undefined): Promise<void> => {
    const { results, log } = deps;
    const named = parsePreparedName(event.ref.name);
    if (event.kind !== 'finalized' || !named)
      return log.info('analyze.ignored', { ref: event.ref, kind: event.kind });

    const outcome = await results.claimPrepared(
      named.id,
      named.generation,
      event.ref.generation,
      (document) => deps.limitsOf(document).leaseMs,
      (document) => (document.lane?.asked === 'batch' ? deps.toBatch.instead(document) : undefined),
    );
    switch (outcome.kind) {
      case 'done':
      case 'superseded':
        return log.info('analyze.nothing-to-do', { ref: event.ref, because: outcome.kind });
      case 'absent':
        // The upload was deleted while its picture was being prepared; resize-image deletes the picture too.
        return log.info('analyze.upload-deleted', { ref: event.ref });
      case 'busy':
        // Returning would lose the event if the owner dies.
        throw new PipelineError(
          'CLAIM_BUSY',
          `${named.id} is being analyzed until ${outcome.until.toISOString()}.`,
        );
      case 'runaway':
        log.error('analyze.failed', outcome.failure, { id: outcome.claim.id });
        return results.end(outcome.claim, outcome.failure);
      case 'claimed':
        allow(deps.limitsOf(outcome.claim.document).timeoutMs);
        return analyze(deps, event, outcome.claim, signal);
      case 'waiting': {
        const { claim } = outcome;
        const findProfile = () => profileOf(deps, claim.document);
        return joinBatch(deps, claim, { ref: event.ref, timings: waits(event, claim), findProfile }, signal);
      }
    }
  };

async function profileOf(
  { profileAsked }: AnalyzeDependencies,
  { profile: name, profileVersion, claim: { asksAnew = false } }: ResultDocument,
): Promise<Profile> {
  const profile = await profileAsked(name, profileVersion, asksAnew);
  if (profile) return profile;
  throw new PipelineError('UNKNOWN_PROFILE', `There is no profile ${name} any more.`);
}

async function analyze(
  deps: AnalyzeDependencies,
  event: ObjectEvent,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { results, log } = deps;
  const { document } = claim;
  let askedAt: number | undefined;
  let payment: ImageSpending | undefined;
  let asked: AskedPicture | undefined;
  let answer: Record<string, unknown> | undefined;
  const state = (ended: boolean): Progress => ({
    attempts: [...document.attempts, ...(payment?.attempts ?? [])].slice(-MAX_ATTEMPTS_KEPT),
    timings: {
      ...waits(event, claim),
      ...(askedAt === undefined ? {} : { modelMs: Date.now() - askedAt }),
    },
    ...(payment ? { money: payment.cost(ended) } : {}),
  });
  try {
    const profile = await profileOf(deps, document);
    const mayWait = document.lane?.asked === 'batch' && (await deps.toBatch.asRepeat(document)) !== undefined;
    const known = await deps.recall(claim, profile, signal, mayWait);
    if (known) return await repeat(deps, claim, profile, known, state(true));

    payment = await deps.pay(document, profile);
    const image = await deps.openPicture(event.ref, signal);
    refuseToBeginLate(claim, deps.askWithinMs);
    asked = { profile, prompt: payment.prompt, image, document };
    askedAt = Date.now();
    const question = {
      ...asked,
      call: document.lane ? callByLane(deps, document.lane, document, profile) : deps.call,
      ...(profile.checks ? { codes: lookForCodes(image, log) } : {}),
      charges: payment.charges,
    };
    const asksFirst = profile.gate !== undefined || payment.prompt.decisions !== undefined;
    const early: Early = asksFirst ? await askFirst(deps, question, document, signal) : { question };
    if (early.aside) {
      const { attempts, money } = state(false);
      await results.setAside(claim, early.aside, attempts, money);
      return await deps.toBatch.joined(document);
    }
    const climbed = early.answered ?? (await climb(early.question, signal));
    ({ answer } = climbed);
    const { attempts, timings, money } = state(true);
    await whileStoreIsAway(signal, () =>
      results.complete(claim, {
        ...climbed,
        profileVersion: profile.version,
        review: reviewReason(climbed, profile),
        ...{ attempts, timings },
        ...(money ? { money } : {}),
      }),
    );
    log.info('analyze.done', {
      id: claim.id,
      ref: event.ref,
      profile: profile.name,
      profileVersion: profile.version,
      model: climbed.model.version,
      step: climbed.model.step,
      respelled: climbed.model.respelled?.length,
      lane: climbed.served,
      costUsd: money?.cost.usd,
      estimatedUsd: money?.cost.estimatedUsd,
      ms: Date.now() - claim.startedAt,
    });
    await deps.late.settle();
  } catch (error) {
    const failure = PipelineError.from(error);
    if (failure.code === 'CLAIM_BUSY' && (await waitsForRepeat(deps, claim))) return;
    const stopgap = asked && (await deps.findStopgap(failure, asked, signal));
    await endAfter(deps, claim, failure, state, { stopgap, answer });
  }
}

/** A call that the function's limit cuts off is paid for all the same; delivered again, the image has all the time. */
function refuseToBeginLate({ startedAt }: Claim, askWithinMs: number): void {
  if (Date.now() - startedAt <= askWithinMs) return;
  throw new PipelineError(
    'TIME_LIMIT',
    'Firestore and Cloud Storage took too long: no time is left to ask a model.',
  );
}

/** An answer that is paid for is stored as long as there is time, not only as long as one write is tried. */
async function whileStoreIsAway(signal: AbortSignal, write: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isFailure(error, 'STORE_UNAVAILABLE') || signal.aborted) throw error;
    }
  }
}

/** How long the picture took to be written and waited for us; clocks of two machines may differ by a little. */
function waits(event: ObjectEvent, claim: Claim): Timings {
  if (event.createdAt === undefined) return {};
  const recordedAt = claim.document.updatedAt.getTime();
  const { timings: before, replayedAt } = claim.document;
  // A replay that begins here finds the picture written long ago.
  const isWritten = replayedAt !== undefined && replayedAt.getTime() > event.createdAt;
  return {
    ...(before.uploadMs === undefined && !isWritten
      ? { uploadMs: Math.max(0, event.createdAt - recordedAt) }
      : {}),
    queueMs: (before.queueMs ?? 0) + waitedMs(claim, event.createdAt),
  };
}
