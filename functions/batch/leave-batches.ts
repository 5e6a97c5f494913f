import { finalizedNotification } from '../../shared/cloud/events/storage-notification.ts';
import type { Patch, Version } from '../../shared/cloud/firestore/documents.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { documentPath } from '../../shared/results/id.ts';
import type { BatchDependencies } from './dependencies.ts';

/** What makes the picture ready for analyze-image, which asks by flex or standard after the answers that are there. */
export const leaving = (
  { batch }: ResultDocument,
  staleMs: number,
  {
    question = batch?.question ?? '',
    replies = batch?.replies,
  }: { question?: string; replies?: string } = {},
): Patch => {
  const now = Date.now();
  return {
    status: 'prepared',
    'claim.stage': 'analyze',
    'claim.expiresAt': new Date(now),
    'claim.count': 0,
    dueAt: new Date(now + staleMs),
    updatedAt: new Date(now),
    parked: undefined,
    failure: undefined,
    batch: {
      question,
      misses: (batch?.misses ?? 0) + 1,
      ...(replies === undefined ? {} : { replies }),
    },
  };
};

/** Announces a picture that left. Should that be lost, the sweep finds the picture. */
export async function announce(
  { buckets, publish, options, log }: BatchDependencies,
  id: string,
  { prepared }: ResultDocument,
): Promise<void> {
  try {
    const found = prepared && (await buckets.find(prepared));
    if (found) await publish(options.preparedTopic, finalizedNotification(found.ref, found));
  } catch (error) {
    log.warn('batch.not-announced', { id, error: String(error) });
  }
}

/** One picture leaves the batches; false when somebody changed it meanwhile. */
export async function leaveBatches(
  deps: BatchDependencies,
  { id, document, version }: { id: string; document: ResultDocument; version: Version },
): Promise<boolean> {
  const patch = leaving(document, deps.options.staleMs);
  if ((await deps.documents.compareAndSet(documentPath(id), patch, version)) === 'stale') return false;
  await announce(deps, id, document);
  return true;
}
