import type { ObjectEvent } from '../../shared/cloud/events/object-event.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { compareGenerations, type ObjectRef } from '../../shared/cloud/storage/object.ts';
import type { Claim } from '../../shared/results/claim.ts';
import type { Head } from '../../shared/results/head.ts';
import { parsePreparedName, preparedFolder, resultId } from '../../shared/results/id.ts';
import type { Recovery } from '../../shared/results/recovery/recovery.ts';

export interface DeletionDependencies {
  buckets: Pick<Buckets, 'exists' | 'delete' | 'list'>;
  recovery: Pick<Recovery, 'head' | 'remove'>;
  /** Ends the label that a person made of this generation or one before it; `isJudged`: there was a verdict. */
  forgetLabel: (id: string, label: { upTo: string; isJudged: boolean }) => Promise<unknown>;
  preparedBucket: string;
}

/** What became of the things made from an upload that is gone. */
type Deletion = 'deleted' | 'replaced';

/**
 * Deletes what was made from a deleted upload: its result, its prepared pictures and its label. Cached answers only
 * point to results, so they go with it. Where the object lives on in a newer version, only the older one's label ends.
 *
 * Whatever is at work on the image loses its claim with the document; a prepared picture that it still writes is
 * deleted by the execution that wrote it (removeLate).
 */
export async function deleteWithUpload(deps: DeletionDependencies, event: ObjectEvent): Promise<Deletion> {
  const { ref } = event;
  const id = resultId(ref);
  const { outcome, isJudged } = event.overwritten ? REPLACED : await removeMade(deps, id, ref);
  await deps.forgetLabel(id, { upTo: ref.generation, isJudged });
  return outcome;
}

interface Made {
  outcome: Deletion;
  isJudged: boolean;
}

const REPLACED: Made = { outcome: 'replaced', isJudged: false };

async function removeMade(deps: DeletionDependencies, id: string, ref: ObjectRef): Promise<Made> {
  if (await deps.buckets.exists(ref)) return REPLACED;
  let isJudged = false;
  const isNewer = (head: Head) => {
    isJudged = head.isJudged === true;
    return head.generation !== undefined && compareGenerations(head.generation, ref.generation) > 0;
  };
  if (!(await removeUnless(deps, id, isNewer))) return REPLACED;
  await deletePrepared(deps, id, ref.generation);
  return { outcome: 'deleted', isJudged };
}

/** Removes what there is of an upload that was gone before it could be read; false when a newer version lives. */
export async function removeGone(deps: DeletionDependencies, claim: Claim): Promise<boolean> {
  const { source } = claim.document;
  if (await deps.buckets.exists(source)) return false;
  if (!(await removeUnless(deps, claim.id, ({ owner }) => owner !== claim.owner))) return false;
  // An earlier delivery may have written it and ended before it could look again.
  await deletePrepared(deps, claim.id, source.generation);
  return true;
}

/**
 * Deletes a prepared picture that was written while its upload was being deleted: that deletion removed the document
 * and could not find the picture yet. False when the document is there. For an upload that is gone: to ask Cloud Storage
 * that first, once per picture, adds nothing to what Firestore is asked.
 */
export async function removeLate(
  deps: DeletionDependencies,
  id: string,
  upload: ObjectRef,
): Promise<boolean> {
  if (await deps.recovery.head(id)) return false;
  await deletePrepared(deps, id, upload.generation);
  return true;
}

/** True when the result is gone afterward. */
async function removeUnless(
  { recovery }: DeletionDependencies,
  id: string,
  isKept: (head: Head) => boolean,
): Promise<boolean> {
  for (;;) {
    const head = await recovery.head(id);
    if (!head) return true;
    if (isKept(head)) return false;
    if (await recovery.remove(head)) return true;
  }
}

/** More generations than this of one object are rare; their pictures are deleted in several rounds. */
const PAGE = 100;

/**
 * The pictures of this generation and of all before it, which an overwrite leaves. By their names, which follow from the
 * upload: a repeated event finds them even when the document is gone already.
 */
async function deletePrepared(
  { buckets, preparedBucket }: DeletionDependencies,
  id: string,
  generation: string,
): Promise<void> {
  let pageToken: string | undefined;
  do {
    const page = await buckets.list(preparedBucket, {
      prefix: preparedFolder(id),
      limit: PAGE,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    for (const { ref } of page.objects) {
      const named = parsePreparedName(ref.name);
      if (named && compareGenerations(named.generation, generation) <= 0) await buckets.delete(ref);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}
