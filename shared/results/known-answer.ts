import type { ModelUse, TakenOver } from './document.ts';

/** What a picture can take over instead of asking. */
export interface KnownAnswer {
  answer: Record<string, unknown>;
  model: ModelUse;
  /** What the answer cost when it was asked for. */
  savedUsd: number;
  /** Of a picture that looks alike; absent for the same picture. */
  takenOver?: TakenOver;
}
