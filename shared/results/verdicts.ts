import type { Documents } from '../cloud/firestore/documents.ts';
import { type Feedback, type ResultDocument, resultDocument } from './document.ts';
import { documentPath } from './id.ts';
import type { LabelKeeper } from './labels/keep.ts';
import { owedReview } from './outcomes.ts';
import { verdictCount } from './satisfaction.ts';

/** What a person says about an answer. */
type GivenFeedback = Pick<Feedback, 'verdict' | 'fields' | 'note' | 'by'>;

interface Judged {
  document: ResultDocument;
  /** Whether the answer is a label from now on, its picture kept. */
  labeled: boolean;
}

/**
 * Stores a verdict with the result that it is about, which waits for no review any more; `judge` may refuse by throwing.
 * What is right becomes a label in the same commit, once its picture is kept; what is wrong is none any more.
 * Undefined when there is no result. A stage that works on the image at the same time keeps its claim and writes on top
 * of the verdict.
 */
export async function giveFeedback(
  documents: Pick<Documents, 'get' | 'commit'>,
  keeper: LabelKeeper,
  id: string,
  judge: (document: ResultDocument) => { verdict: GivenFeedback; answer: Record<string, unknown> },
): Promise<Judged | undefined> {
  let picture: Awaited<ReturnType<LabelKeeper['keepPicture']>>;
  for (;;) {
    const stored = await documents.get(documentPath(id));
    if (!stored) {
      if (picture) await keeper.dropUnlabeled(documents, id, picture);
      return undefined;
    }
    const before = resultDocument.parse(stored.data);
    const { review: _review, ...document } = before;
    const { verdict, answer } = judge(document);
    picture = verdict.verdict === 'wrong' ? undefined : await keeper.keepPicture(id, before);
    const at = new Date(Date.now());
    const feedback: Feedback = { ...verdict, answer, at };
    // Everything that follows results goes by updatedAt.
    const change = { feedback, review: undefined, updatedAt: at, ...owedReview(document) };
    const path = documentPath(id);
    const counted = verdictCount(before, verdict.verdict);
    const written = await documents.commit([
      { kind: 'change', path, patch: change, version: stored.version },
      ...(counted ? [counted] : []),
      keeper.write(id, before, feedback, picture),
    ]);
    if (written === 'stale') continue;
    if (before.prepared) await keeper.dropOthers(id, before.prepared.bucket, picture);
    return { document: { ...document, feedback, updatedAt: at }, labeled: picture !== undefined };
  }
}
