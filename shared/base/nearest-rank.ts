/** The percentile of sorted values that is one of them; NaN of nothing. `share`: 0.95 for the 95th. */
export const nearestRank = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
