import type { StoredResult } from '../../../shared/results/reading.ts';
import type { ChangeEvent, Changes } from '../events/changes.ts';
import { Shares } from '../http/shares.ts';

/** What comes in crowds may be missed by the listener, so each waiter looks for itself now and then. Milliseconds. */
const LOOK_MS = 10_000;

/** News of one result; without it the waiter looks for itself. */
type Wake = (news: StoredResult | undefined) => void;

interface Wait<T> {
  id: string;
  /** Who waits. */
  caller: string;
  /** Looks at the result; with `news`, without asking Firestore. */
  look: (news: StoredResult | undefined) => Promise<T>;
  isEnough: (seen: T) => boolean;
  waitMs: number;
  signal: AbortSignal;
}

/** Requests that wait for a result to end. However many wait, the instance has one listener. */
export class Waiters {
  readonly #changes: Pick<Changes, 'listen'>;
  readonly #most: number;
  readonly #shares: Shares;
  readonly #waiting = new Map<string, Set<Wake>>();
  #count = 0;
  #stop: (() => void) | undefined;

  constructor(changes: Pick<Changes, 'listen'>, { most, perCaller }: { most: number; perCaller: number }) {
    this.#changes = changes;
    this.#most = most;
    this.#shares = new Shares(perCaller);
  }

  get count(): number {
    return this.#count;
  }

  /** What is seen when it is enough or the time is over; at once when too many wait already. */
  async until<T>({ id, caller, look, isEnough, waitMs, signal }: Wait<T>): Promise<T> {
    if (this.#count >= this.#most || !this.#shares.hasRoomFor(caller) || waitMs === 0) return look(undefined);
    const endsAt = Date.now() + waitMs;
    const giveBack = this.#shares.take(caller);
    const turn = this.#enter(id);
    try {
      let news: StoredResult | undefined;
      for (;;) {
        const woken = turn.next();
        const seen = await look(news);
        const leftMs = endsAt - Date.now();
        if (isEnough(seen) || leftMs <= 0) return seen;
        news = await within(woken, Math.min(leftMs, LOOK_MS), signal);
      }
    } finally {
      turn.leave();
      giveBack();
    }
  }

  #enter(id: string): { next: () => Promise<StoredResult | undefined>; leave: () => void } {
    let current = Promise.withResolvers<StoredResult | undefined>();
    const wake: Wake = (news) => current.resolve(news);
    const others = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, others.add(wake));
    this.#count += 1;
    this.#listen();
    return {
      next: () => {
        current = Promise.withResolvers();
        return current.promise;
      },
      leave: () => {
        others.delete(wake);
        if (others.size === 0 && this.#waiting.get(id) === others) this.#waiting.delete(id);
        this.#count -= 1;
        if (this.#count === 0) this.#endListening();
      },
    };
  }

  #listen(): void {
    if (this.#stop) return;
    const { ready, end } = this.#changes.listen((event) => this.#tell(event));
    this.#stop = end;
    // What changed while the listener was being opened reaches no listener.
    void ready.then(() => {
      for (const wakes of this.#waiting.values()) for (const wake of wakes) wake(undefined);
    });
  }

  #endListening(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #tell(event: ChangeEvent): void {
    const changed = event.kind === 'changed' ? event.result : undefined;
    const wakes = this.#waiting.get(event.result.id);
    for (const wake of wakes ?? []) wake(changed);
  }
}

/** The news, or undefined when none came in time; rejects with the signal's reason. */
function within<T>(news: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => end(() => reject(signal.reason));
    const timer = setTimeout(() => end(() => resolve(undefined)), ms);
    signal.addEventListener('abort', onAbort, { once: true });
    void news.then((value) => end(() => resolve(value)));
  });
}
