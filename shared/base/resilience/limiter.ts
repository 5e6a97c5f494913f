import type { AdaptiveConcurrency } from './adaptive-concurrency.ts';
import { deadlineOf } from './deadline.ts';
import type { RollingWindow, Taken } from './rolling-window.ts';

interface LimiterOptions {
  concurrency: AdaptiveConcurrency;
  requests: RollingWindow;
  tokens: RollingWindow;
  /** Callers that may wait; one more is refused at once. */
  maxQueue: number;
  /** Which errors say that there were too many calls. */
  isOverload: (error: unknown) => boolean;
  /** What a caller gets who is not let in. `untilMs`: when there may be room, epoch milliseconds. */
  whenRefused: (reason: Refusal, untilMs: number) => Error;
}

/** The queue was full, or its end lies beyond the caller's deadline. */
export type Refusal = 'full' | 'too-late';

/** A caller's place among the running calls. */
export interface Slot {
  /** The call is really made: from now on its request and tokens stay counted. */
  sent(): void;
  /** What the call really took. */
  usedTokens(tokens: number): void;
}

interface Place {
  startedAt: number;
  request: Taken;
  tokens: Taken;
}

interface Waiter {
  tokens: number;
  enter: () => void;
}

/**
 * Lets calls in, first come first served, as far as concurrency, requests and tokens of the rolling minute allow.
 * A caller that cannot be let in before its deadline is refused at once, and so is one too many: redelivery is better
 * than a queue that grows.
 */
export class Limiter {
  readonly #options: LimiterOptions;
  /** In order of arrival; a Set, so that one who gives up leaves from the middle. */
  readonly #queue = new Set<Waiter>();
  #queuedTokens = 0;
  #running = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LimiterOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Runs `work` when its turn has come. The signal's abort ends the wait; the work has to watch it itself. */
  async run<T>(
    tokens: number,
    signal: AbortSignal | undefined,
    work: (slot: Slot) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const mustWait = this.#queue.size > 0 || this.#roomAt(tokens) > Date.now();
    return this.#work(mustWait ? await this.#wait(tokens, signal) : this.#enter(tokens), work);
  }

  /** Takes the place at once: a place promised but not yet taken would be given away twice. */
  #enter(tokens: number): Place {
    const now = Date.now();
    this.#running += 1;
    return {
      startedAt: now,
      request: this.#options.requests.take(1, now),
      tokens: this.#options.tokens.take(tokens, now),
    };
  }

  async #work<T>(place: Place, work: (slot: Slot) => Promise<T>): Promise<T> {
    const { concurrency, tokens, isOverload } = this.#options;
    let isSent = false;
    try {
      const result = await work({
        sent: () => {
          isSent = true;
        },
        usedTokens: (used) => tokens.correct(place.tokens, used, Date.now()),
      });
      concurrency.succeeded(this.#running);
      return result;
    } catch (error) {
      if (isSent && isOverload(error)) concurrency.overloaded(place.startedAt, Date.now());
      throw error;
    } finally {
      this.#running -= 1;
      if (!isSent) this.#giveBack(place);
      this.#letIn();
    }
  }

  #giveBack({ request, tokens }: Place): void {
    const now = Date.now();
    this.#options.requests.correct(request, 0, now);
    this.#options.tokens.correct(tokens, 0, now);
  }

  /** When the windows have room behind `ahead` others; now, if it is only the concurrency that is missing. */
  #windowsAt(tokens: number, ahead = 0, aheadTokens = 0): number {
    const now = Date.now();
    return Math.max(
      this.#options.requests.availableAt(1, now, ahead),
      this.#options.tokens.availableAt(tokens, now, aheadTokens),
    );
  }

  /** Infinity: nobody knows when a running call ends. */
  #roomAt(tokens: number): number {
    if (this.#running >= this.#options.concurrency.limit) return Number.POSITIVE_INFINITY;
    return this.#windowsAt(tokens);
  }

  #wait(tokens: number, signal: AbortSignal | undefined): Promise<Place> {
    const { maxQueue, whenRefused } = this.#options;
    const earliest = this.#windowsAt(tokens, this.#queue.size, this.#queuedTokens);
    if (this.#queue.size >= maxQueue) throw whenRefused('full', earliest);
    if (earliest > deadlineOf(signal)) throw whenRefused('too-late', earliest);
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#queue.delete(waiter);
        this.#queuedTokens -= tokens;
        signal?.removeEventListener('abort', giveUp);
      };
      const giveUp = () => {
        leave();
        reject(signal?.reason);
        this.#letIn();
      };
      const waiter: Waiter = {
        tokens,
        enter: () => {
          leave();
          resolve(this.#enter(tokens));
        },
      };
      this.#queue.add(waiter);
      this.#queuedTokens += tokens;
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#letIn();
    });
  }

  #letIn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const next of this.#queue) {
      const roomAt = this.#roomAt(next.tokens);
      const now = Date.now();
      if (roomAt > now) {
        // Without a time it is a running call that makes room; its end lets the next one in.
        if (Number.isFinite(roomAt)) this.#timer = setTimeout(() => this.#letIn(), roomAt - now);
        return;
      }
      next.enter();
    }
  }
}
