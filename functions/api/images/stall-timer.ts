/** Calls `onStall` once when `moved` was not called for `limitMs`. */
interface StallTimer {
  moved(): void;
  stop(): void;
}

/**
 * Node's own socket timeout will not do: once the body has arrived it destroys the connection without a word, while
 * Storage may still be writing.
 */
export function startStallTimer(limitMs: number, onStall: () => void): StallTimer {
  const timer = setTimeout(onStall, limitMs);
  return { moved: () => timer.refresh(), stop: () => clearTimeout(timer) };
}
