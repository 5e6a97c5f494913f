import { documentPath } from '../../shared/results/id.ts';
import { forgetLabel } from '../../shared/results/labels/forget.ts';
import { getLabel } from '../../shared/results/labels/label.ts';
import type { Target } from '../target.ts';

/** Deletes a label and its kept picture; the verdict stays with its result. False where there is no such label. */
export async function deleteLabel({ documents, buckets }: Target, id: string): Promise<boolean> {
  const label = await getLabel(documents, id);
  if (!label) return false;
  await markUnlabeled(documents, id);
  await forgetLabel({ documents, buckets, preparedBucket: label.picture.bucket }, id, { isJudged: true });
  return true;
}

async function markUnlabeled(documents: Target['documents'], id: string): Promise<void> {
  for (;;) {
    const stored = await documents.get(documentPath(id));
    if (!stored?.data['feedback']) return;
    const patch = { 'feedback.unlabeled': true };
    if ((await documents.compareAndSet(documentPath(id), patch, stored.version)) !== 'stale') return;
  }
}
