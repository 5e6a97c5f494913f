import { nearestRank } from '../shared/base/nearest-rank.ts';
import { seededRandom } from '../shared/base/seeded-random.ts';

/** A mean and where it may lie, as shares 0..1. */
export interface Estimate {
  mean: number;
  /** The middle 95 % of the means of resampled documents. */
  low: number;
  high: number;
}

const RESAMPLES = 1_000;
/** The same figures for the same answers. */
const SEED = 20_261_129;

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The mean over documents with its bootstrap interval: documents are drawn again with replacement, 1,000 times, from a
 * fixed seed. Repeats of a document are one value, its mean, because they are not independent.
 */
export function intervalOf(byDocument: readonly number[]): Estimate {
  const count = byDocument.length;
  const mean = meanOf(byDocument);
  if (count === 0) return { mean, low: mean, high: mean };
  // Resampling says nothing where all are alike: the exact bounds of a share of none or all (Clopper and Pearson 1934).
  const surely = 0.025 ** (1 / count);
  if (byDocument.every((value) => value === 1)) return { mean, low: surely, high: 1 };
  if (byDocument.every((value) => value === 0)) return { mean, low: 0, high: 1 - surely };
  const random = seededRandom(SEED);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += byDocument[Math.floor(random() * count)] ?? 0;
    return sum / count;
  }).sort((a, b) => a - b);
  return { mean, low: nearestRank(means, 0.025), high: nearestRank(means, 0.975) };
}
