import { isFailure } from '../../shared/base/errors/pipeline-error.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import { type LabelDocument, labelsOf } from '../../shared/results/labels/label.ts';
import type { Target } from '../target.ts';
import type { LabeledPicture, LabelProblem, LabelSet } from './labeled.ts';

/** As large an upload as the pipeline takes. */
const MAX_BYTES = 50_000_000;

/**
 * The answers of a profile that people marked right or corrected. The picture is the upload, or the kept copy of the
 * prepared one where the upload is gone; a label whose pictures are both gone is a problem.
 */
export async function labelsFromFeedback(target: Target, profile: Profile): Promise<LabelSet> {
  const labels: LabeledPicture[] = [];
  const problems: LabelProblem[] = [];
  for await (const { id, label } of labelsOf(target.documents, profile.name)) {
    const { answer, source, verdict, by, at } = label;
    const place = `gs://${source.bucket}/${source.name}`;
    const read = await pictureOf(target, label);
    if (!read) problems.push({ place, text: 'its picture is gone, the upload and the kept one' });
    else labels.push({ name: id, answer, place, read, said: { verdict, by, at: at.toISOString() } });
  }
  return { labels, problems };
}

async function pictureOf(
  { buckets }: Target,
  { source, picture }: LabelDocument,
): Promise<LabeledPicture['read'] | undefined> {
  const upload = await buckets.find(source);
  if (upload && upload.ref.generation === source.generation)
    return (signal) => buckets.read(upload.ref, { maxBytes: MAX_BYTES, signal });
  const kept = await buckets.find(picture);
  if (!kept) return undefined;
  return async (signal) => {
    try {
      return await buckets.read(kept.ref, { maxBytes: MAX_BYTES, signal });
    } catch (error) {
      throw isFailure(error, 'SOURCE_GONE') ? new Error('The kept picture is gone.') : error;
    }
  };
}
