import type { Latency } from './behavior.ts';

/** 95 % of a normal distribution lie below this many standard deviations. */
const Z_95 = 1.6449;

/** Milliseconds of one call: the fixed time, or a draw from the log-normal distribution through p50 and p95. */
export function drawLatency(latency: Latency, random: () => number): number {
  if (typeof latency === 'number') return latency;
  const { p50, p95 } = latency;
  if (p50 <= 0) return 0;
  const sigma = Math.max(0, Math.log(p95 / p50) / Z_95);
  return p50 * Math.exp(sigma * standardNormal(random));
}

/** Box-Muller; always two draws, so that a seed gives the same run whatever the settings. */
function standardNormal(random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}
