/** Thrown when work took longer than it was given. */
export class DeadlineExceeded extends Error {
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
    this.name = 'DeadlineExceeded';
    this.limitMs = limitMs;
  }
}

const ends = new WeakMap<AbortSignal, number>();

/** Notes when the owner of a signal will abort it, for all deadlines under it. Epoch milliseconds. */
export const endAt = (signal: AbortSignal, atMs: number): void => {
  ends.set(signal, atMs);
};

/** When a signal will be aborted at the latest, in epoch milliseconds; Infinity if nobody said so. */
export const deadlineOf = (signal: AbortSignal | undefined): number =>
  (signal && ends.get(signal)) ?? Number.POSITIVE_INFINITY;

/**
 * Runs `work` with a signal that is aborted after `limitMs` or when `parent` is. Rejects at that moment even if `work`
 * ignores its signal (several vendor clients do); its late outcome is then swallowed.
 */
export async function withDeadline<T>(
  limitMs: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  endAt(controller.signal, Math.min(Date.now() + limitMs, deadlineOf(parent)));
  const onParentAbort = () => controller.abort(parent?.reason);
  parent?.addEventListener('abort', onParentAbort, { once: true });
  const timer = setTimeout(() => controller.abort(new DeadlineExceeded(limitMs)), limitMs);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(controller.signal.reason);
    controller.signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const working = work(controller.signal);
    working.catch(() => {});
    return await Promise.race([working, aborted]);
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener('abort', onParentAbort);
    if (onAbort) controller.signal.removeEventListener('abort', onAbort);
  }
}

/** A signal of its own that ends when this one does: what is limited under it begins its clock anew. */
export function alongside(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal]);
  endAt(own, deadlineOf(signal));
  return own;
}

/** One limit for everything done under the same signal, however many calls that takes; the first one starts the clock. */
export class SharedDeadline {
  readonly limitMs: number;
  readonly #ends = new WeakMap<AbortSignal, number>();

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Milliseconds that are left; not below 0. */
  leftMs(signal: AbortSignal): number {
    const now = Date.now();
    const endsAt = this.#ends.get(signal) ?? now + this.limitMs;
    this.#ends.set(signal, endsAt);
    return Math.max(0, endsAt - now);
  }
}
