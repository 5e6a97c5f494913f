import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  CountBreaker,
  circuitBreaker,
  DelegateBackoff,
  handleWhen,
  type IBreaker,
  isBrokenCircuitError,
} from 'cockatiel';

interface BreakerOptions {
  /** Opens after this many failures in a row ... */
  consecutiveFailures: number;
  /** ... or when this share of the last calls failed, once there were `sampleCalls`. */
  failureShare: number;
  sampleCalls: number;
  /** The first rest, in milliseconds; it doubles with each probe that fails, up to `maxOpenMs`. */
  openMs: number;
  maxOpenMs: number;
  /** Which errors count; all others pass as if the call had succeeded. */
  isFailure: (error: unknown) => boolean;
  /** Which other errors show that the service answered: only those close the breaker after a rest. */
  isAnswer: (error: unknown) => boolean;
  /** What a caller gets while the breaker is open. `untilMs`: when the next probe is let through, epoch milliseconds. */
  whenOpen: (untilMs: number) => Error;
  /** Told of each rest that begins, and of the probe that ended the last one. */
  onOpen?: (untilMs: number) => void;
  onClose?: () => void;
}

/** Opens when any of several rules says so. */
class AnyOf implements IBreaker {
  readonly #rules: readonly IBreaker[];

  constructor(rules: readonly IBreaker[]) {
    this.#rules = rules;
  }

  get state(): unknown {
    return this.#rules.map((rule) => rule.state);
  }

  set state(states: unknown) {
    for (const [i, rule] of this.#rules.entries()) rule.state = (states as unknown[])[i];
  }

  success(state: CircuitState): void {
    for (const rule of this.#rules) rule.success(state);
  }

  failure(state: CircuitState): boolean {
    return this.#rules.map((rule) => rule.failure(state)).includes(true);
  }
}

/** Of a probe that was broken off or never sent: it tells nothing, so it must not close the breaker as a success would. */
class NoAnswer extends Error {}

/** Leaves a failing service alone: open, it fails at once; after a rest one probe decides, while others wait for it. */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #policy: CircuitBreakerPolicy;
  #openUntil = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    const counts = (error: unknown): boolean => error instanceof NoAnswer || options.isFailure(error);
    this.#policy = circuitBreaker(handleWhen(counts), {
      breaker: new AnyOf([
        new ConsecutiveBreaker(options.consecutiveFailures),
        new CountBreaker({ threshold: options.failureShare, size: options.sampleCalls }),
      ]),
      halfOpenAfter: new DelegateBackoff(({ attempt }: { attempt: number }) => this.#rest(attempt)),
    });
    this.#policy.onReset(() => options.onClose?.());
  }

  /** When the next probe may pass, in epoch milliseconds; 0 when calls pass. */
  get openUntil(): number {
    return this.#policy.state === CircuitState.Open && this.#openUntil > Date.now() ? this.#openUntil : 0;
  }

  /** Runs `work` unless open. `signal` is the caller's own: once it is aborted, the outcome says nothing about the service. */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const { openUntil } = this;
    if (openUntil > 0) throw this.#options.whenOpen(openUntil);
    try {
      return await this.#policy.execute(() => this.#observed(signal, work), signal);
    } catch (error) {
      // A caller that waited for a probe which failed.
      if (isBrokenCircuitError(error)) throw this.#options.whenOpen(this.#openUntil);
      throw error instanceof NoAnswer ? error.cause : error;
    }
  }

  async #observed<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const isProbe = this.#policy.state === CircuitState.HalfOpen;
    try {
      return await work();
    } catch (error) {
      throw isProbe && this.#saysNothing(error, signal) ? new NoAnswer('no answer', { cause: error }) : error;
    }
  }

  #saysNothing(error: unknown, signal: AbortSignal | undefined): boolean {
    if (signal?.aborted) return true;
    return !this.#options.isFailure(error) && !this.#options.isAnswer(error);
  }

  #rest(opening: number): number {
    const ms = Math.min(this.#options.maxOpenMs, this.#options.openMs * 2 ** (opening - 1));
    this.#openUntil = Date.now() + ms;
    this.#options.onOpen?.(this.#openUntil);
    return ms;
  }
}
