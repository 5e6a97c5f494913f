export interface RetryBudgetOptions {
  /** Retries earned by each call. 0.2 lets one call in five be a retry. */
  perCall: number;
  /** Retries earned by time alone, so that an instance with little work may retry too. */
  perSecond: number;
  /** Most retries that can be saved up; where it starts. */
  capacity: number;
}

/**
 * A token bucket for the retries of all calls together. Under independent errors every retry is granted; when everything
 * fails, calls are multiplied by 1 + perCall instead of by the number of attempts.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #saved: number;
  #at: number;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#saved = options.capacity;
    this.#at = Date.now();
  }

  /** A call is made, retry or not. */
  earn(): void {
    this.#add(this.#options.perCall);
  }

  /** Whether one more retry is granted; if so, it is spent. */
  spend(): boolean {
    const now = Date.now();
    this.#add(((now - this.#at) / 1000) * this.#options.perSecond);
    this.#at = now;
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }

  #add(amount: number): void {
    this.#saved = Math.min(this.#options.capacity, this.#saved + amount);
  }
}
