import type { ObjectEvent } from '../../shared/cloud/events/object-event.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { compareGenerations, type ObjectRef } from '../../shared/cloud/storage/object.ts';
import type { Claim } from '../../shared/results/claim.ts';
import { preparedName, resultId } from '../../shared/results/id.ts';
import type { ReadResult, Recovery } from '../../shared/results/recovery/recovery.ts';

interface DeletionDependencies {
  buckets: Pick<Buckets, 'find' | 'delete'>;
  recovery: Pick<Recovery, 'get' | 'remove'>;
  preparedBucket: string;
}

/** What became of the things made from an upload that is gone. */
type Deletion = 'deleted' | 'replaced';

/**
 * Deletes what was made from a deleted upload: its result and its prepared picture. Cached answers only point to
 * results, so they go with it. Nothing is deleted when the object lives on in a newer version.
 *
 * Whatever is at work on the image loses its claim with the document; a prepared picture that it still writes is
 * deleted by the analysis, which finds no document for it.
 */
export async function deleteWithUpload(deps: DeletionDependencies, event: ObjectEvent): Promise<Deletion> {
  const { ref } = event;
  if (event.overwritten || (await lives(deps, ref))) return 'replaced';
  const id = resultId(ref);
  const isNewer = ({ document }: ReadResult) =>
    compareGenerations(document.source.generation, ref.generation) > 0;
  if (!(await removeUnless(deps, id, isNewer))) return 'replaced';
  await deletePrepared(deps, preparedName(id, ref.generation));
  return 'deleted';
}

/** Removes the result of an upload that was gone before it could be read; false when a newer version lives. */
export async function removeGone(deps: DeletionDependencies, claim: Claim): Promise<boolean> {
  if (await lives(deps, claim.document.source)) return false;
  return removeUnless(deps, claim.id, ({ document }) => document.claim.owner !== claim.owner);
}

async function lives({ buckets }: DeletionDependencies, object: ObjectRef): Promise<boolean> {
  return (await buckets.find(object)) !== undefined;
}

/** True when the result is gone afterwards. */
async function removeUnless(
  { recovery }: DeletionDependencies,
  id: string,
  isKept: (result: ReadResult) => boolean,
): Promise<boolean> {
  for (;;) {
    const result = await recovery.get(id);
    if (!result) return true;
    if (isKept(result)) return false;
    if (await recovery.remove(result)) return true;
  }
}

/** By its name, which follows from the upload: a repeated event finds it even when the document is gone already. */
async function deletePrepared(
  { buckets, preparedBucket }: DeletionDependencies,
  name: string,
): Promise<void> {
  const prepared = await buckets.find({ bucket: preparedBucket, name });
  if (prepared) await buckets.delete(prepared.ref);
}
