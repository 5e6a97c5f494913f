import type { FailureCode } from '../errors/codes.ts';
import { compareGenerations } from '../events/object-ref.ts';
import { isTerminal, type ResultDocument } from './document.ts';

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
export type Decision =
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
export function decideOnUpload(existing: ResultDocument, generation: string, nowMs: number): Decision {
  const age = compareGenerations(generation, existing.source.generation);
  if (age < 0) return { kind: 'superseded' };
  if (age > 0) return { kind: 'restart' };
  if (isTerminal(existing.status) || existing.status === 'parked') return { kind: 'done' };
  // Analysis has begun, so the prepared picture exists: nothing is left to resize.
  if (existing.claim.stage === 'analyze') return { kind: 'done' };
  return takeUnlessLive(existing, nowMs);
}

/** What an event of the prepared bucket may do with the document it finds. */
export function decideOnPrepared(existing: ResultDocument, generation: string, nowMs: number): Decision {
  if (existing.source.generation !== generation) return { kind: 'superseded' };
  if (isTerminal(existing.status) || existing.status === 'parked') return { kind: 'done' };
  // The picture is recorded before it is written; its event proves that the resize is over, whatever its lease says.
  if (existing.status === 'prepared') return { kind: 'take', count: existing.claim.count + 1 };
  return takeUnlessLive(existing, nowMs);
}

function takeUnlessLive({ claim }: ResultDocument, nowMs: number): Decision {
  if (!isExpired(claim.expiresAt, nowMs)) return { kind: 'busy', until: claim.expiresAt };
  return { kind: 'take', count: claim.count + 1 };
}

/** Services that did not answer or asked to wait: the picture is not to blame, however often it happens. */
const EXCUSES: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'STORAGE_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'MODEL_QUOTA_MINUTE',
  'MODEL_OVERLOADED',
  'MODEL_TIMEOUT',
  'MODEL_NETWORK',
  'MODEL_PAUSED',
  'MODEL_BUSY',
  // A model that neither answers nor refuses ends the time of all calls together; another instance asks about the same picture.
  'TIME_LIMIT',
  'CLAIM_BUSY',
]);

export const excuses = (code: FailureCode): boolean => EXCUSES.has(code);

/** Excused executions weigh this little: an outage of hours must end no image, an endless circle must end. */
const WEIGHT_OF_EXCUSED = 0.1;

/** Whether a claim has been executed more often than an image that can be answered ever needs. */
export const isRunaway = (
  { count, excused = 0 }: Pick<ResultDocument['claim'], 'count' | 'excused'>,
  maxExecutions: number,
): boolean => count - excused * (1 - WEIGHT_OF_EXCUSED) > maxExecutions;
