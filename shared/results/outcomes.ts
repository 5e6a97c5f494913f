import { randomUUID } from 'node:crypto';
import { PipelineError } from '../base/errors/pipeline-error.ts';
import type { Documents, Patch, Version, Write } from '../cloud/firestore/documents.ts';
import { type Claim, type Completion, excuses, type ImageCost, type Stopgap } from './claim.ts';
import type { Attempt, Prepared, ResultDocument, Source, Timings, Webhook } from './document.ts';
import { headOf } from './head.ts';
import { documentPath } from './id.ts';
import type { KnownAnswer } from './known-answer.ts';
import { isTerminal } from './statuses.ts';

/**
 * Changes the document if the claim still holds; throws SUPERSEDED if another owner or generation has it.
 * Others may touch the document meanwhile (feedback, a label): then it is written on top of theirs.
 */
export async function writeUnderClaim(
  documents: Documents,
  claim: Claim,
  patch: Patch,
  money?: ImageCost,
): Promise<void> {
  const started = Date.now();
  const booking = money?.record;
  const change = {
    ...patch,
    ...(money ? { cost: money.cost } : {}),
    // Money is booked once per execution: this tells a repetition that an earlier try went through unheard.
    ...(booking ? { 'claim.booked': claim.owner } : {}),
    updatedAt: new Date(started),
  };
  let version = await commit(documents, claim, change, claim.version, booking);
  while (version === 'stale') {
    const stored = await documents.get(documentPath(claim.id));
    // The head alone: another version may have written a field that this one does not know.
    const current = stored && headOf(stored.data);
    if (!stored || !current || current.owner !== claim.owner) {
      throw new PipelineError('SUPERSEDED', 'Another instance or a newer upload has taken this image over.');
    }
    // Our last write went through unheard: nothing that comes after it may touch what has ended.
    if (current.status !== undefined && isTerminal(current.status)) {
      version = stored.version;
      break;
    }
    const due = current.booked === claim.owner ? undefined : booking;
    version = await commit(documents, claim, change, stored.version, due);
  }
  claim.version = version;
  claim.storeMs += Date.now() - started;
}

function commit(
  documents: Documents,
  claim: Claim,
  patch: Patch,
  version: Version,
  booking: Write | undefined,
): Promise<Version | 'stale'> {
  const path = documentPath(claim.id);
  return booking
    ? documents.commit([{ kind: 'change', path, patch, version }, booking])
    : documents.compareAndSet(path, patch, version);
}

/** How long the doorbell of a webhook has before the schedule looks itself, in milliseconds. */
const DOORBELL_MS = 60_000;

// What an execution writes into the document that it has claimed, by how it ends.

/** The picture is ready; the sweep takes it up after `staleMs` if nobody analyzes it. */
export const recording = (
  claim: Claim,
  prepared: Prepared,
  looked: Pick<Source, 'format' | 'width' | 'height'>,
  timings: Timings,
  staleMs: number,
): Patch => ({
  status: 'prepared',
  dueAt: new Date(Date.now() + staleMs),
  prepared,
  'source.format': looked.format,
  'source.width': looked.width,
  'source.height': looked.height,
  timings: { ...timings, storeMs: claim.storeMs },
});

/** What has ended waits for no batch any more. */
const leavingBatch = ({ document }: Claim): Patch =>
  document.lane?.asked === 'batch' ? { batch: undefined, parked: undefined } : {};

export const completing = (
  claim: Claim,
  { answer, partial, profileVersion, model, takenOver, attempts, timings, served, review }: Completion,
): Patch => ({
  ...(claim.document.lane && served ? { 'lane.served': served } : {}),
  ...leavingBatch(claim),
  status: 'completed',
  profileVersion,
  answer,
  answerText: undefined,
  partial: partial ? true : undefined,
  degraded: undefined,
  previous: undefined,
  model,
  takenOver,
  // Where no model was asked: whoever looks like it looks like the one that was, and no chain leads away from that.
  ...(served === undefined && claim.document.prepared?.likeness ? { 'prepared.likeness': undefined } : {}),
  attempts,
  timings: finalTimings(claim, timings),
  failure: undefined,
  lastFailure: undefined,
  review: review === undefined ? undefined : { because: review, dueAt: new Date(Date.now()) },
  parked: undefined,
  dueAt: undefined,
  'claim.expiresAt': new Date(Date.now()),
});

/** How an image completes with an answer that is there already: no model was asked, and a row says so. */
export const repeating = (
  { answer, model, takenOver }: KnownAnswer,
  { attempts, ...rest }: Pick<Completion, 'profileVersion' | 'attempts' | 'timings'>,
): Completion => ({
  ...{ answer, partial: false, model, takenOver },
  attempts: [
    ...attempts,
    {
      ...{ model: model.version, step: model.step, outcome: takenOver ? 'look-alike' : 'cache' },
      ...{ latencyMs: 0, tokens: null, costUsd: 0, at: new Date(Date.now()) },
    },
  ],
  ...rest,
});

/** What is kept of an execution that ends its image without an answer. */
export interface EndFacts {
  attempts?: readonly Attempt[];
  timings?: Timings;
  money?: ImageCost;
  /** The answer as JSON text, where it was one that Firestore refuses. */
  answerText?: string;
}

/** More than this, with everything else, would not go into a document of 1 MiB. */
const MAX_ANSWER_TEXT_BYTES = 900_000;

/** An answer that was paid for, in the form in which any database can hold it; nothing when it is too long for that. */
export function asText(answer: Record<string, unknown>): Pick<EndFacts, 'answerText'> {
  try {
    const answerText = JSON.stringify(answer);
    return Buffer.byteLength(answerText) > MAX_ANSWER_TEXT_BYTES ? {} : { answerText };
  } catch {
    // Nested so deeply that it cannot be written at all.
    return {};
  }
}

/** The same facts, then without what may be too much for a document, then with the money alone. */
export const lessAndLess = ({ answerText, ...facts }: EndFacts): readonly EndFacts[] => [
  ...(answerText === undefined ? [] : [{ ...facts, answerText }]),
  facts,
  facts.money ? { money: facts.money } : {},
];

export const failing = (
  claim: Claim,
  failure: PipelineError,
  { attempts, timings = {}, answerText }: EndFacts,
): Patch => ({
  status: failure.disposition.status,
  failure: failure.toPublic(),
  ...leavingBatch(claim),
  ...(attempts ? { attempts } : {}),
  ...(answerText === undefined ? {} : { answerText }),
  timings: finalTimings(claim, timings),
  dueAt: undefined,
  'claim.expiresAt': new Date(Date.now()),
});

/** A pause may be lifted long before its time; the sweep, which rests while it holds, takes up what waits soon after. */
const AFTER_PAUSE_MS = 60_000;

export const parking = (failure: PipelineError, until: Date): Patch => ({
  status: 'parked',
  parked: { until, reason: failure.message },
  dueAt:
    failure.disposition.pauses === 'pipeline'
      ? new Date(Math.min(until.getTime(), Date.now() + AFTER_PAUSE_MS))
      : until,
  failure: failure.toPublic(),
  'claim.expiresAt': new Date(Date.now()),
});

/** Set aside with what a fallback found, if it is not there yet. */
export const parkingDegraded = (
  failure: PipelineError,
  { until, found }: Stopgap,
  attempts: readonly Attempt[],
): Patch => ({
  ...parking(failure, until),
  ...(found ? { answer: found.answer, partial: undefined, model: found.model, degraded: true } : {}),
  attempts: found ? [...attempts, found.attempt] : attempts,
});

/** The claim is given back; the sweep takes the image up after `staleMs` if no delivery does. */
export function releasing(
  { document }: Claim,
  attempts: readonly Attempt[],
  failure: PipelineError | undefined,
  staleMs: number,
): Patch {
  const { excused = 0 } = document.claim;
  const now = Date.now();
  return {
    attempts,
    'claim.expiresAt': new Date(now),
    ...(failure && excuses(failure.code) ? { 'claim.excused': excused + 1 } : {}),
    ...(failure ? { lastFailure: { code: failure.code, message: failure.message, at: new Date(now) } } : {}),
    dueAt: new Date(now + staleMs),
  };
}

/** Whom the webhook has to tell of this end. */
export const owedTo = ({ url }: Webhook): Patch => ({
  webhook: { url, event: randomUUID(), dueAt: new Date(Date.now() + DOORBELL_MS), attempts: 0 },
});

/** The same of a person's verdict. While the end of the image is still owed, it follows that. */
export function owedReview({ webhook }: Pick<ResultDocument, 'webhook'>): Patch {
  if (webhook?.event === undefined) return {};
  return webhook.dueAt === undefined ? reviewOwedTo(webhook) : { 'webhook.next': 'reviewed' };
}

export const reviewOwedTo = ({ url }: Webhook): Patch => ({
  webhook: { url, of: 'reviewed', event: randomUUID(), dueAt: new Date(Date.now()), attempts: 0 },
});

function finalTimings(claim: Claim, timings: Timings): Timings {
  const before = claim.document.timings;
  const { replayedAt, source } = claim.document;
  const begunAt = (replayedAt ?? source.uploadedAt)?.getTime();
  return {
    ...before,
    ...timings,
    storeMs: (before.storeMs ?? 0) + claim.storeMs,
    ...(begunAt === undefined ? {} : { totalMs: Math.max(0, Date.now() - begunAt) }),
  };
}
