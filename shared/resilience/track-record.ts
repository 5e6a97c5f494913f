export interface TrackRecordOptions {
  /** Weight of the newest observation, 0..1. */
  weight: number;
  /** After this time a share of failures counts half, so that whoever failed is tried again. Milliseconds. */
  halfLifeMs: number;
}

/** How fast and how reliably a service answered lately, as exponentially weighted means. */
export class TrackRecord {
  readonly #options: TrackRecordOptions;
  #latencyMs: number | undefined;
  #failureShare = 0;
  #at = 0;

  constructor(options: TrackRecordOptions) {
    this.#options = options;
  }

  answered(latencyMs: number): void {
    this.#latencyMs = this.#latencyMs === undefined ? latencyMs : this.#mean(this.#latencyMs, latencyMs);
    this.#note(0);
  }

  failed(): void {
    this.#note(1);
  }

  /** 0..1, fading with time. */
  failureShare(nowMs: number): number {
    return this.#failureShare * 0.5 ** ((nowMs - this.#at) / this.#options.halfLifeMs);
  }

  /**
   * Milliseconds until an answer may be expected, failed tries included: latency / share of successes. 0 for a service
   * that has not been tried, so that it is.
   */
  expectedMs(nowMs: number): number {
    const failures = Math.min(this.failureShare(nowMs), MAX_FAILURE_SHARE);
    if (this.#latencyMs === undefined) return failures > 0 ? UNKNOWN_LATENCY_MS / (1 - failures) : 0;
    return this.#latencyMs / (1 - failures);
  }

  #note(failure: 0 | 1): void {
    const now = Date.now();
    this.#failureShare = this.#mean(this.failureShare(now), failure);
    this.#at = now;
  }

  #mean(before: number, observed: number): number {
    return before + this.#options.weight * (observed - before);
  }
}

/** Keeps the expectation of a service that always fails finite. */
const MAX_FAILURE_SHARE = 0.99;

/** What is expected of a service that has only failed so far. */
const UNKNOWN_LATENCY_MS = 5_000;
