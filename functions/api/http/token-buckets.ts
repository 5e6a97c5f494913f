interface TokenBucketOptions {
  /** Requests that may come at once after a rest. */
  burst: number;
  /** Requests per second in the long run. */
  perSecond: number;
  /** Callers remembered at the same time. */
  maxCallers?: number;
}

interface Bucket {
  tokens: number;
  /** Epoch milliseconds of the last filling. */
  at: number;
}

/**
 * A token bucket per caller (https://en.wikipedia.org/wiki/Token_bucket), in memory: each instance of a service counts
 * for itself. A bucket that is full again says nothing and is forgotten.
 */
export class TokenBuckets {
  readonly #options: Required<TokenBucketOptions>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketOptions) {
    this.#options = { maxCallers: 10_000, ...options };
  }

  /** Takes one token; 0, or the milliseconds until there is one. */
  take(caller: string, nowMs = Date.now()): number {
    const bucket = this.#filled(caller, nowMs);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return ((1 - bucket.tokens) / this.#options.perSecond) * 1000;
  }

  #filled(caller: string, nowMs: number): Bucket {
    const { burst, perSecond, maxCallers } = this.#options;
    const known = this.#buckets.get(caller);
    if (known) {
      known.tokens = Math.min(burst, known.tokens + (Math.max(0, nowMs - known.at) / 1000) * perSecond);
      known.at = nowMs;
      return known;
    }
    if (this.#buckets.size >= maxCallers) this.#forget(nowMs);
    const fresh = { tokens: burst, at: nowMs };
    this.#buckets.set(caller, fresh);
    return fresh;
  }

  /** The full ones, and if there are none, the one that was seen first. */
  #forget(nowMs: number): void {
    const { burst, perSecond, maxCallers } = this.#options;
    for (const [caller, { tokens, at }] of this.#buckets) {
      if (tokens + ((nowMs - at) / 1000) * perSecond >= burst) this.#buckets.delete(caller);
    }
    const [first] = this.#buckets.keys();
    if (first !== undefined && this.#buckets.size >= maxCallers) this.#buckets.delete(first);
  }
}
