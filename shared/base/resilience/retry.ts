import { deadlineOf, withDeadline } from './deadline.ts';
import { delay } from './delay.ts';

interface RetryBudgetOptions {
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

export interface RetryOptions {
  /** Calls in all, the first included. */
  maxAttempts: number;
  /** Upper bound of the first wait; it doubles with each attempt (full jitter, 0..bound). Milliseconds. */
  baseMs: number;
  /** Upper bound of any wait of our own choosing, in milliseconds. */
  maxMs: number;
  /** Everything together, waits included, in milliseconds: a wait that would not fit is not begun. */
  overallMs: number;
  /**
   * Whether calling again could help, and how long the server asked to wait:
   * `false` = no, `true` = yes with jitter, a number = yes after that many milliseconds.
   */
  verdict: (error: unknown) => boolean | number;
  /** Uniform in [0, 1); full jitter draws from it. */
  random?: () => number;
}

/** Waits that the server asked for get up to this share on top, so that clients given the same second do not return together. */
const TOLD_WAIT_JITTER = 0.1;

/** Milliseconds before attempt number `attempt + 1`: full jitter under an exponential bound. */
const fullJitterMs = (
  attempt: number,
  options: Pick<RetryOptions, 'baseMs' | 'maxMs'>,
  random: () => number,
): number => random() * Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));

/**
 * Calls until it succeeds, the verdict is no, the attempts are used up or the next wait would pass the overall deadline
 * or the signal's own; then the last error is thrown. The signal ends calls and waits at once.
 */
export function retry<T>(
  options: RetryOptions,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal, attempt: number) => Promise<T>,
): Promise<T> {
  const endsAt = Math.min(Date.now() + options.overallMs, deadlineOf(signal));
  return withDeadline(options.overallMs, signal, async (inner) => {
    for (let attempt = 1; ; attempt += 1) {
      inner.throwIfAborted();
      try {
        return await call(inner, attempt);
      } catch (error) {
        const waitMs = attempt < options.maxAttempts ? waitBefore(error, attempt, options) : undefined;
        if (waitMs === undefined || Date.now() + waitMs >= endsAt) throw error;
        await delay(waitMs, inner);
      }
    }
  });
}

/** Milliseconds until the call may be repeated; undefined when that would not help. */
function waitBefore(error: unknown, attempt: number, options: RetryOptions): number | undefined {
  const random = options.random ?? Math.random;
  const verdict = options.verdict(error);
  if (verdict === false) return undefined;
  return verdict === true
    ? fullJitterMs(attempt, options, random)
    : verdict * (1 + TOLD_WAIT_JITTER * random());
}
