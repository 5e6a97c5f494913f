import type { z } from 'zod';
import { compileZod } from './schema/compile.ts';
import { walkShape } from './schema/shape.ts';

/** As far as the pieces by which look-alikes are found reach: `shared/results/likeness.ts`. */
export const LEAST_SIMILARITY = 0.95;

/**
 * The least similarity, 0.95 to 1, of a picture whose answer is taken over. A profile that reads texts, numbers or codes says
 * `alsoText`: a label with another number looks the same.
 */
export type Similar = number | { least: number; alsoText: true };

interface Similarity {
  schema: z.ZodObject;
  similar?: Similar;
  cacheTtlHours: number;
}

/** Kinds of values that may stand in the picture as print. */
const READ = new Set(['text', 'number', 'integer']);

export const leastSimilarityOf = (similar: Similar): number =>
  typeof similar === 'number' ? similar : similar.least;

/** Why look-alikes cannot be taken over as the profile says; undefined where they can. */
export function objectionToSimilar({ schema, similar, cacheTtlHours }: Similarity): string | undefined {
  if (similar === undefined) return undefined;
  const least = leastSimilarityOf(similar);
  if (!(least >= LEAST_SIMILARITY && least <= 1)) return `similar must be ${LEAST_SIMILARITY} to 1`;
  if (cacheTtlHours === 0) return 'similar takes over earlier answers, but cacheTtlHours: 0 keeps none';
  if (typeof similar !== 'number') return undefined;
  const texts: string[] = [];
  walkShape(compileZod(schema).shape, (shape, path) => {
    if (READ.has(shape.kind) && path !== 'confidence') texts.push(path);
  });
  if (texts.length === 0) return undefined;
  return `similar takes over answers of pictures that look alike, also of two labels with different numbers, and ${texts.join(', ')} may be read from the picture; write similar: { least: ${least}, alsoText: true } if that does no harm`;
}
