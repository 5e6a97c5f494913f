import type { Documents } from '../../cloud/firestore/documents.ts';
import type { Buckets } from '../../cloud/storage/buckets.ts';
import { compareGenerations } from '../../cloud/storage/object.ts';
import { generationOfPicture, keptPictures, labelPath, readLabel } from './label.ts';

interface ForgetDependencies {
  documents: Pick<Documents, 'get' | 'deleteAt'>;
  buckets: Pick<Buckets, 'list' | 'delete'>;
  preparedBucket: string;
}

/** Which label is meant, and how well it is looked for. */
interface Forgotten {
  /** Only one of this generation of the upload or before. */
  upTo?: string;
  /** Whether its result had a verdict: then a label whose picture was lost is looked for too. */
  isJudged?: boolean;
}

/**
 * Ends the label of an object with its picture. Where no picture is kept, which is asked of Cloud Storage alone, and
 * nobody judged the answer, there is no label. The picture goes last, so that a repetition finds it. Resolves with
 * whether there was a picture.
 */
export async function forgetLabel(
  deps: ForgetDependencies,
  id: string,
  { upTo, isJudged = false }: Forgotten = {},
): Promise<boolean> {
  const isMeant = (generation: string | undefined): boolean =>
    upTo === undefined || generation === undefined || compareGenerations(generation, upTo) <= 0;
  const kept = await keptPictures(deps.buckets, deps.preparedBucket, id);
  const pictures = kept.filter(({ name }) => isMeant(generationOfPicture(name)));
  if (pictures.length > 0 || isJudged) await removeDocument(deps, id, isMeant);
  await Promise.all(pictures.map((picture) => deps.buckets.delete(picture)));
  return pictures.length > 0;
}

async function removeDocument(
  { documents }: ForgetDependencies,
  id: string,
  isMeant: (generation: string | undefined) => boolean,
): Promise<void> {
  for (;;) {
    const stored = await documents.get(labelPath(id));
    if (!stored || !isMeant(readLabel(stored.data)?.source.generation)) return;
    if ((await documents.deleteAt(labelPath(id), stored.version)) === 'deleted') return;
  }
}
