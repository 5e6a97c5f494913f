interface BackoffRange {
  minBackoffMs: number;
  maxBackoffMs: number;
}

/** Width of the jitter above each rung: enough to pull apart messages that were refused together. */
const JITTER = 0.25;

/**
 * Milliseconds until delivery `attempts + 1`: min * 2^(attempts - 1), spread over the 25 % above it, never beyond max.
 * At the ceiling the spread lies below max, so that even old messages do not march in step.
 */
export const backoffMs = (
  attempts: number,
  { minBackoffMs, maxBackoffMs }: BackoffRange,
  random: () => number,
): number => {
  const highest = Math.min(maxBackoffMs, minBackoffMs * 2 ** (attempts - 1) * (1 + JITTER));
  const lowest = Math.max(minBackoffMs, highest / (1 + JITTER));
  return lowest + Math.max(0, highest - lowest) * random();
};
