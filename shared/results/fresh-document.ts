import type { Patch } from '../firestore/documents.ts';
import type { ResultDocument, Stage } from './document.ts';
import type { Upload } from './execution.ts';

const DAY_MS = 86_400_000;

/** Fields that belong to one generation and go when a newer one arrives. */
const OF_ONE_GENERATION = [
  'prepared',
  'answer',
  'partial',
  'degraded',
  'model',
  'cost',
  'failure',
  'parked',
  'lastFailure',
  'webhook',
] as const;

/** The document of a generation that nobody has seen before, claimed for resizing. */
export function freshDocument(
  { source, profile, profileVersion, webhook }: Upload,
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
