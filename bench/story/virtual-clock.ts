interface Timer {
  at: number;
  order: number;
  run: () => void;
}

/** The story's days begin here, so that prices do not depend on when it is told. */
const BEGINNING = Date.UTC(2026, 10, 20);

/**
 * Runs `work` on a clock of its own: whenever nothing more can happen without it, time jumps to the next timer. Hours of
 * waiting pass in seconds, and the code under it is the real one, because it waits by the global clock alone.
 * `work` must do no I/O.
 */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<T> {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };
  const timers = new Map<number, Timer>();
  let now = BEGINNING;
  let order = 0;
  const set = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    order += 1;
    timers.set(order, { at: now + Math.max(0, ms), order, run: () => run(...args) });
    const id = order;
    return { ref: () => undefined, unref: () => undefined, hasRef: () => true, id };
  };
  globalThis.setTimeout = set as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((timer?: { id?: number }) =>
    void timers.delete(timer?.id ?? 0)) as unknown as typeof clearTimeout;
  Date.now = () => now;
  try {
    let ended = false;
    const result = work().finally(() => {
      ended = true;
    });
    result.catch(() => undefined);
    for (;;) {
      // All promises settle before a turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      if (ended) return await result;
      const next = earliest(timers);
      if (!next) throw new Error('Nothing is left to wait for, and the work has not ended.');
      timers.delete(next.order);
      now = Math.max(now, next.at);
      next.run();
    }
  } finally {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
  }
}

function earliest(timers: ReadonlyMap<number, Timer>): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers.values()) {
    if (!first || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) first = timer;
  }
  return first;
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
