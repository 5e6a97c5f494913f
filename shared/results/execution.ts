import type { Version, Write } from '../firestore/documents.ts';
import type { Attempt, Cost, ModelUse, ResultDocument, Source, Timings } from './document.ts';

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
  /** Executed more often than allowed: the claim is taken so that the image can be ended. */
  | { kind: 'runaway'; claim: Claim; count: number }
  | { kind: 'busy'; until: Date }
  | { kind: 'done' | 'superseded' | 'absent' };

export interface Upload {
  id: string;
  source: Source;
  profile: string;
  profileVersion: number;
  /** https address that is told when the image has ended. */
  webhook?: string;
}

export interface Completion {
  answer: Record<string, unknown>;
  partial: boolean;
  model: ModelUse;
  attempts: readonly Attempt[];
  timings: Timings;
  money?: Money;
}

/** What an image shows while it waits for a model. */
export interface Stopgap {
  /** When a model is asked again. */
  until: Date;
  /** What a fallback found; absent when the document has it already. */
  found?: { answer: Record<string, unknown>; model: ModelUse; attempt: Attempt };
}

/** What an execution cost, and the write that books it: both are stored in one commit or not at all. */
export interface Money {
  cost: Cost;
  booking: Write | undefined;
}
