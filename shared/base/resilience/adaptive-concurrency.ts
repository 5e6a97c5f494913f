interface AdaptiveConcurrencyOptions {
  /** Most calls at once, where it starts. */
  ceiling: number;
  /** After a decrease no further one for this long, in milliseconds. */
  coolDownMs: number;
}

/** What is left of the limit after a sign of overload. */
const DECREASE = 0.5;

/**
 * So many refusals among the last calls are a sign of overload. One alone is none: where a tenth of all calls is refused
 * whatever their number, halving each time would leave one call at a time for good.
 */
const REFUSALS = 4;
const LAST_CALLS = 10;

/**
 * How many calls may run at once: one more per round of successes, half after a sign of overload (additive increase,
 * multiplicative decrease, RFC 5681 section 3.1). A storm of refusals halves once: calls begun before a decrease say
 * nothing about the limit after it.
 */
export class AdaptiveConcurrency {
  readonly #options: AdaptiveConcurrencyOptions;
  #limit: number;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  /** Whether each of the last calls was refused. */
  #last: boolean[] = [];

  constructor(options: AdaptiveConcurrencyOptions) {
    this.#options = options;
    this.#limit = options.ceiling;
  }

  /** From 1 to the ceiling. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** `busy` is how many calls ran: a limit that nobody reached has not been tried and does not grow. */
  succeeded(busy: number): void {
    this.#remember(false);
    if (busy < this.limit) return;
    this.#limit = Math.min(this.#options.ceiling, this.#limit + 1 / this.#limit);
  }

  /** A call that began at `startedAt` was refused because there were too many. Epoch milliseconds. */
  overloaded(startedAt: number, nowMs: number): void {
    if (startedAt < this.#decreasedAt || nowMs < this.#decreasedAt + this.#options.coolDownMs) return;
    this.#remember(true);
    if (this.#last.filter(Boolean).length < REFUSALS) return;
    this.#last = [];
    this.#limit = Math.max(1, this.#limit * DECREASE);
    this.#decreasedAt = nowMs;
  }

  #remember(isRefused: boolean): void {
    this.#last.push(isRefused);
    if (this.#last.length > LAST_CALLS) this.#last.shift();
  }
}
