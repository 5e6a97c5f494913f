import { afterEach, beforeEach, vi } from 'vitest';

/** 2026-11-20 12:00:00 UTC. */
export const NOON = 1_795_176_000_000;

/** Every test of the file begins at noon of a clock that only it moves. */
export function withClock(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(NOON);
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** What came of a promise so far. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'fulfilled' | 'rejected'> {
  const pending = {};
  return Promise.race([promise, Promise.resolve(pending)]).then(
    (value) => (value === pending ? 'pending' : 'fulfilled'),
    () => 'rejected',
  );
}
