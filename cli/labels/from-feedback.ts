import { isFailure } from '../../shared/base/errors/pipeline-error.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { StoredResult } from '../../shared/results/reading.ts';
import { readPages } from '../results/pages.ts';
import type { Target } from '../target.ts';
import type { LabeledPicture, LabelProblem, LabelSet } from './labeled.ts';

/** Results read at once. */
const PAGE = 200;
/** As large an upload as the pipeline takes. */
const MAX_BYTES = 50_000_000;

/**
 * The results of a profile that people marked right or corrected, as labels: the answer that was judged with the
 * corrections in it. The picture is the upload, or the prepared one where the upload is gone; results whose pictures
 * are both gone are problems.
 */
export async function labelsFromFeedback(target: Target, profile: Profile): Promise<LabelSet> {
  const labels: LabeledPicture[] = [];
  const problems: LabelProblem[] = [];
  for await (const result of readPages(target.results, { profile: profile.name }, PAGE)) {
    const answer = judgedRight(result);
    if (!answer) continue;
    const place = `gs://${result.document.source.bucket}/${result.document.source.name}`;
    const read = await pictureOf(target, result);
    if (read) labels.push({ name: result.id, answer, place, read });
    else problems.push({ place, text: 'its picture is gone, the upload and the prepared one' });
  }
  return { labels: labels.sort((a, b) => (a.name < b.name ? -1 : 1)), problems };
}

function judgedRight({ document }: StoredResult): Record<string, unknown> | undefined {
  const { feedback } = document;
  if (!feedback || feedback.verdict === 'wrong') return undefined;
  const { confidence: _stated, ...answer } = { ...feedback.answer, ...feedback.fields };
  return answer;
}

async function pictureOf(
  { buckets }: Target,
  { document }: StoredResult,
): Promise<LabeledPicture['read'] | undefined> {
  const { source, prepared } = document;
  const upload = await buckets.find(source);
  if (upload && upload.ref.generation === source.generation)
    return (signal) => buckets.read(upload.ref, { maxBytes: MAX_BYTES, signal });
  const picture = prepared && (await buckets.find(prepared));
  if (!picture) return undefined;
  return async (signal) => {
    try {
      return await buckets.read(picture.ref, { maxBytes: MAX_BYTES, signal });
    } catch (error) {
      throw isFailure(error, 'SOURCE_GONE') ? new Error('The prepared picture is gone.') : error;
    }
  };
}
