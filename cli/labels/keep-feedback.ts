import { resultDocument } from '../../shared/results/document.ts';
import { documentPath } from '../../shared/results/id.ts';
import type { LabelKeeper } from '../../shared/results/labels/keep.ts';
import { getLabel } from '../../shared/results/labels/label.ts';
import { readPages } from '../results/pages.ts';
import type { Target } from '../target.ts';
import type { LabelProblem } from './labeled.ts';

/** Results read at once. */
const PAGE = 200;

/** What became of the verdicts of a profile. */
interface KeptFeedback {
  /** Labels made now. */
  made: number;
  /** Labels that were there with their pictures. */
  there: number;
  problems: LabelProblem[];
}

type Outcome = 'made' | 'there' | 'none' | 'lost';

/**
 * Makes labels of the verdicts that have none: those of a version before labels were kept, and those whose kept picture
 * was lost. A label that somebody deleted stays deleted until the next verdict.
 */
export async function keepFeedback(
  target: Target,
  keeper: LabelKeeper,
  profile: string,
  signal: AbortSignal,
): Promise<KeptFeedback> {
  const report: KeptFeedback = { made: 0, there: 0, problems: [] };
  for await (const { id, document } of readPages(target.results, { profile }, PAGE)) {
    if (signal.aborted) break;
    const { feedback, source } = document;
    if (!feedback || feedback.verdict === 'wrong' || feedback.unlabeled) continue;
    const outcome = await keepOne(target, keeper, id);
    if (outcome === 'made' || outcome === 'there') report[outcome] += 1;
    if (outcome === 'lost')
      report.problems.push({
        place: `gs://${source.bucket}/${source.name}`,
        text: 'its prepared picture is gone; replay it, then judge it again',
      });
  }
  return report;
}

async function keepOne({ documents, buckets }: Target, keeper: LabelKeeper, id: string): Promise<Outcome> {
  for (;;) {
    const path = documentPath(id);
    const stored = await documents.get(path);
    const document = stored && resultDocument.safeParse(stored.data).data;
    const { feedback } = document ?? {};
    if (!stored || !document || !feedback || feedback.verdict === 'wrong' || feedback.unlabeled)
      return 'none';
    // Earlier releases left the verdict with the result when another picture came under its name.
    if (feedback.at < document.createdAt) return 'none';
    const label = await getLabel(documents, id);
    const isOfThis = label?.source.generation === document.source.generation;
    if (label && isOfThis && (await buckets.exists(label.picture))) return 'there';
    const picture = await keeper.keepPicture(id, document);
    if (!picture) return 'lost';
    // The same word again, only if it still is the last one.
    const patch = { 'feedback.at': feedback.at };
    const written = await documents.commit([
      { kind: 'change', path, patch, version: stored.version },
      keeper.write(id, document, feedback, picture),
    ]);
    if (written !== 'stale') return 'made';
  }
}
