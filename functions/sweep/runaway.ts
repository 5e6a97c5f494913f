import type { ResultDocument } from '../../shared/results/document.ts';

/** Of fewer images, one bad picture would say too much. */
const MIN_IMAGES = 20;

/**
 * How often the images were executed on average, both stages together; those that a service's outage ended do not
 * count. Null when there are too few to tell.
 */
export function executionsPerImage(documents: readonly Pick<ResultDocument, 'claim'>[]): number | null {
  if (documents.length < MIN_IMAGES) return null;
  const executions = documents.reduce((sum, { claim }) => sum + claim.count - (claim.excused ?? 0), 0);
  return executions / documents.length;
}
