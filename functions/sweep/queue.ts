import type { ResultDocument } from '../../shared/results/document.ts';

/** Of fewer images, one that was lost and found would say too much. */
const MIN_IMAGES = 20;

/** An image may wait this much longer than the others do before it counts as forgotten. */
const PATIENCE = 2;

/**
 * How long an image may stand still while the queue is long: sending its event again would only make the queue longer.
 * Milliseconds; 0 when images do not wait. Taken from those that completed since `sinceMs`, so that a queue that has
 * emptied is soon forgotten; the median, so that the few whose notification was lost do not count.
 */
export function patienceInQueue(
  recent: readonly Pick<ResultDocument, 'status' | 'timings' | 'updatedAt'>[],
  sinceMs: number,
): number {
  const waits = recent
    .filter(({ status, updatedAt }) => status === 'completed' && updatedAt.getTime() >= sinceMs)
    .flatMap(({ timings: { queueMs } }) => queueMs ?? [])
    .sort((a, b) => a - b);
  if (waits.length < MIN_IMAGES) return 0;
  return PATIENCE * (waits[Math.floor(waits.length / 2)] ?? 0);
}
