import type { Documents } from '../firestore/documents.ts';
import { type Feedback, type ResultDocument, resultDocument } from './document.ts';

/** What a person says about an answer. */
export type Verdict = Pick<Feedback, 'verdict' | 'fields' | 'note' | 'by'>;

/**
 * Stores a verdict with the result that it is about; `judge` may refuse by throwing. Undefined when there is no result.
 * Whoever works on the image at the same time keeps its claim and writes on top of the verdict.
 */
export async function giveFeedback(
  documents: Pick<Documents, 'get' | 'compareAndSet'>,
  id: string,
  judge: (document: ResultDocument) => { verdict: Verdict; answer: Record<string, unknown> },
): Promise<ResultDocument | undefined> {
  const path = `results/${id}`;
  for (;;) {
    const stored = await documents.get(path);
    if (!stored) return undefined;
    const document = resultDocument.parse(stored.data);
    const { verdict, answer } = judge(document);
    const at = new Date(Date.now());
    const feedback: Feedback = { ...verdict, answer, at };
    // Everything that follows results goes by updatedAt.
    const written = await documents.compareAndSet(path, { feedback, updatedAt: at }, stored.version);
    if (written !== 'stale') return { ...document, feedback, updatedAt: at };
  }
}
