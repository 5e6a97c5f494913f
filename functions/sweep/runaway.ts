import type { ResultDocument } from '../../shared/results/document.ts';

/** Of fewer images, one bad picture would say too much. */
const MIN_IMAGES = 20;

type Executed = Pick<ResultDocument, 'claim' | 'attempts' | 'createdAt' | 'updatedAt'>;

/**
 * How often the images were executed on average, both stages together; those that a service's outage ended do not
 * count. Null when there are too few to tell. `liftedAt`: only what came after a person lifted a pause, epoch
 * milliseconds.
 */
export function executionsPerImage(documents: readonly Executed[], liftedAt = 0): number | null {
  const counted = documents.filter(({ updatedAt }) => updatedAt.getTime() >= liftedAt);
  if (counted.length < MIN_IMAGES) return null;
  return counted.reduce((sum, document) => sum + executionsSince(document, liftedAt), 0) / counted.length;
}

function executionsSince({ claim, attempts, createdAt }: Executed, liftedAt: number): number {
  const executions = claim.count - (claim.excused ?? 0);
  if (createdAt.getTime() >= liftedAt) return executions;
  // The count goes on from before the pause. What came after it left its calls, but for the last one, which may be under way.
  return Math.min(executions, 1 + attempts.filter(({ at }) => at.getTime() >= liftedAt).length);
}
