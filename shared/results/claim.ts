import { FAILURES, type FailureCode } from '../base/errors/codes.ts';
import type { PipelineError } from '../base/errors/pipeline-error.ts';
import type { Patch, Version, Write } from '../cloud/firestore/documents.ts';
import { compareGenerations } from '../cloud/storage/object.ts';
import type { Lane } from '../prices/lanes.ts';
import type {
  AskedLane,
  Attempt,
  Cost,
  ModelUse,
  ResultDocument,
  ReviewReason,
  Source,
  Stage,
  TakenOver,
  Timings,
} from './document.ts';
import type { Head } from './head.ts';
import { isTerminal } from './statuses.ts';

/**
 * A claim is a lease on one generation of one image, kept in its result document:
 *
 *   deliver ── claim ─────────────── work ──────────────── complete (only if the owner is still me) ── acknowledged
 *                │ busy: someone else's lease is live ──▶ deliver again later
 *                │ done: this generation has ended    ──▶ acknowledged
 *
 *   t0 claim            t0 + function timeout        t0 + lease
 *   ├───────────────────────────┤                         │
 *     a live instance works here      nobody works here   └─ from now on another instance may take over
 *
 * The lease is longer than the function's timeout, so a live instance never loses its claim; one that comes back from
 * the dead finds another owner and changes nothing.
 */
export type ClaimDecision =
  /** No work: an older version than the document's, or a generation that has ended or gone further. */
  | { kind: 'superseded' }
  | { kind: 'done' }
  /** Another instance holds the lease until then. */
  | { kind: 'busy'; until: Date }
  /** A newer version of the object: the document starts over. */
  | { kind: 'restart' }
  /** Nobody holds it: take it, as execution number `count`. */
  | { kind: 'take'; count: number };

export const isExpired = (expiresAt: Date, nowMs: number): boolean => expiresAt.getTime() <= nowMs;

/** What an event of the uploads bucket may do with the document it finds. */
export function decideOnUpload(existing: ResultDocument, generation: string, nowMs: number): ClaimDecision {
  const age = compareGenerations(generation, existing.source.generation);
  if (age < 0) return { kind: 'superseded' };
  if (age > 0) return { kind: 'restart' };
  if (isTerminal(existing.status) || existing.status === 'parked') return { kind: 'done' };
  // Analysis has begun, so the prepared picture exists: nothing is left to resize.
  if (existing.claim.stage === 'analyze') return { kind: 'done' };
  return takeUnlessLive(existing, nowMs);
}

/** What an event of the prepared bucket may do with the document it finds; `generation` is the upload's. */
export function decideOnPrepared(
  existing: ResultDocument,
  generation: string,
  pictureGeneration: string,
  nowMs: number,
): ClaimDecision {
  if (existing.source.generation !== generation) return { kind: 'superseded' };
  const { replaces } = existing.claim;
  if (replaces !== undefined && compareGenerations(pictureGeneration, replaces) <= 0)
    return { kind: 'superseded' };
  if (isTerminal(existing.status) || existing.status === 'parked') return { kind: 'done' };
  // The picture is recorded before it is written; its event proves that the resize is over, whatever its lease says.
  if (existing.status === 'prepared') return { kind: 'take', count: existing.claim.count + 1 };
  return takeUnlessLive(existing, nowMs);
}

/**
 * What an event of this generation may do with a document of a shape that this version does not know. One of the same
 * generation is left to whichever version wrote it; an older one, or what is no result at all, holds up no upload.
 */
export function decideOnUnreadable(
  { status, generation: known }: Head,
  generation: string,
  isUpload: boolean,
): Exclude<ClaimDecision, { kind: 'take' }> {
  const age = known === undefined ? 1 : compareGenerations(generation, known);
  if (age < 0 || (age > 0 && !isUpload)) return { kind: 'superseded' };
  if (age > 0) return { kind: 'restart' };
  const isOver = status !== undefined && (isTerminal(status) || status === 'parked');
  return isOver ? { kind: 'done' } : { kind: 'busy', until: new Date(Date.now()) };
}

function takeUnlessLive({ claim }: ResultDocument, nowMs: number): ClaimDecision {
  if (!isExpired(claim.expiresAt, nowMs)) return { kind: 'busy', until: claim.expiresAt };
  return { kind: 'take', count: claim.count + 1 };
}

/** Services that did not answer or asked to wait: the picture is not to blame, however often it happens. */
export const excuses = (code: FailureCode): boolean => FAILURES[code].excused;

/** Excused executions weigh this little: an outage of hours must end no image, an endless circle must end. */
const WEIGHT_OF_EXCUSED = 0.1;

/** Whether a claim has been executed more often than an image that can be answered ever needs. */
export const isRunaway = (
  { count, excused = 0 }: Pick<ResultDocument['claim'], 'count' | 'excused'>,
  maxExecutions: number,
): boolean => count - excused * (1 - WEIGHT_OF_EXCUSED) > maxExecutions;

/** The right to work on one generation of one image until the lease ends. */
export interface Claim {
  readonly id: string;
  readonly owner: string;
  readonly document: ResultDocument;
  /** Epoch milliseconds of the claim: the start of this execution. */
  readonly startedAt: number;
  version: Version;
  /** Milliseconds spent on Firestore by this execution so far. */
  storeMs: number;
}

export type ClaimOutcome =
  | { kind: 'claimed'; claim: Claim }
  /** Set aside with the claim, as the caller's `instead` said. */
  | { kind: 'waiting'; claim: Claim }
  /** Executed more often than allowed: the claim is taken so that the image can be ended. */
  | { kind: 'runaway'; claim: Claim; failure: PipelineError }
  | { kind: 'busy'; until: Date }
  | { kind: 'done' | 'superseded' | 'absent' };

export interface Upload {
  id: string;
  source: Source;
  profile: string;
  profileVersion: number;
  /** https address that is notified when the image has ended. */
  webhook?: string;
  /** Absent for the standard lane. */
  lane?: Pick<AskedLane, 'asked' | 'patienceMs'>;
}

export interface Completion {
  answer: Record<string, unknown>;
  partial: boolean;
  /** Which form of the profile it was asked by. */
  profileVersion: number;
  model: ModelUse;
  attempts: readonly Attempt[];
  timings: Timings;
  money?: ImageCost;
  /** The lane that served it; absent where no model was asked. */
  served?: Lane;
  /** Whose answer it is, where another picture's was taken over. */
  takenOver?: TakenOver | undefined;
  /** Why a person should look at it; absent where nothing speaks for that. */
  review?: ReviewReason | undefined;
}

/** What an image shows while it waits for a model. */
export interface Stopgap {
  /** When a model is asked again. */
  until: Date;
  /** What a fallback found; absent when the document has it already. */
  found?: { answer: Record<string, unknown>; model: ModelUse; attempt: Attempt };
}

/** What an execution cost, and the write that books it: both are stored in one commit or not at all. */
export interface ImageCost {
  cost: Cost;
  record: Write | undefined;
}

const DAY_MS = 86_400_000;

/** Fields that belong to one generation and go when a newer one arrives. */
const OF_ONE_GENERATION = [
  'prepared',
  'answer',
  'answerText',
  'partial',
  'degraded',
  'model',
  'takenOver',
  'cost',
  'failure',
  'parked',
  'lastFailure',
  'previous',
  'replayedAt',
  'webhook',
  'lane',
  'review',
  'feedback',
  'batch',
] as const;

/** How long the event of an object had to wait for this execution, counted from a replay where there was one. Milliseconds. */
export const waitedMs = ({ document, startedAt }: Claim, createdAt: number): number =>
  Math.max(0, startedAt - Math.max(createdAt, document.replayedAt?.getTime() ?? 0));

/** From the upload on; where patience was over before anybody looked, as with a backfill, from now on. */
function patientSince(
  { uploadedAt }: Source,
  { patienceMs }: Pick<AskedLane, 'patienceMs'>,
  now: Date,
): Date {
  return uploadedAt && now.getTime() - uploadedAt.getTime() < patienceMs ? uploadedAt : now;
}

/** The document of a generation that nobody has seen before, claimed for resizing. */
export function freshDocument(
  { source, profile, profileVersion, webhook, lane }: Upload,
  owner: string,
  nowMs: number,
  times: { leaseMs: number; staleMs: number; retentionDays: number },
): ResultDocument {
  const now = new Date(nowMs);
  return {
    status: 'preparing',
    profile,
    profileVersion,
    source,
    attempts: [],
    timings: {},
    claim: { owner, stage: 'resize', expiresAt: new Date(nowMs + times.leaseMs), count: 1 },
    dueAt: new Date(nowMs + times.leaseMs + times.staleMs),
    createdAt: now,
    updatedAt: now,
    ...(webhook === undefined ? {} : { webhook: { url: webhook } }),
    ...(lane === undefined ? {} : { lane: { ...lane, since: patientSince(source, lane, now) } }),
    ...(times.retentionDays > 0 ? { expireAt: new Date(nowMs + times.retentionDays * DAY_MS) } : {}),
  };
}

/** The document under a new owner; `updatedAt` stays that of the last stage: its waits are measured from there. */
export const taken = (
  existing: ResultDocument,
  owner: string,
  stage: Stage,
  count: number,
  leaseMs: number,
  staleMs: number,
): ResultDocument => ({
  ...existing,
  status: stage === 'resize' ? 'preparing' : 'analyzing',
  claim: { ...existing.claim, owner, stage, count, expiresAt: new Date(Date.now() + leaseMs) },
  dueAt: new Date(Date.now() + leaseMs + staleMs),
});

/** Only what a claim changes, or the whole document with the old generation's fields removed. */
export const claimPatch = (next: ResultDocument, startsOver: boolean): Patch =>
  startsOver
    ? { ...Object.fromEntries(OF_ONE_GENERATION.map((field) => [field, undefined])), ...next }
    : { status: next.status, claim: next.claim, dueAt: next.dueAt, updatedAt: new Date(Date.now()) };
