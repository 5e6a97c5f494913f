import { PipelineError } from '../base/errors/pipeline-error.ts';
import { delay } from '../base/resilience/delay.ts';
import type { Documents, Stored, Version } from '../cloud/firestore/documents.ts';
import { isSlower } from '../prices/lanes.ts';
import type { Profile } from '../profiles/define.ts';
import { leastSimilarityOf } from '../profiles/similar.ts';
import { type Claim, isExpired } from './claim.ts';
import { type Prepared, type ResultDocument, resultDocument } from './document.ts';
import type { KnownAnswer } from './known-answer.ts';
import { bandsToFind, lookAlike } from './likeness.ts';
import { RESULT_QUERIES } from './queries.ts';

/** So many candidates are looked at: by chance one picture in 8,000 is one. */
const MOST_CANDIDATES = 20;
const HOUR_MS = 3_600_000;

interface Candidate {
  id: string;
  document: ResultDocument;
  version: Version;
  similarity: number;
}

/**
 * Finds the answer of a picture that looks alike: of the same uploader, by the same version of the profile, asked of a
 * model itself and never called wrong. While such a picture is being asked this waits, at most `waitMs`, and then throws
 * CLAIM_BUSY: delivered again, it finds the answer. Of two that are asked at once the one that was claimed first goes on,
 * so that they never wait for each other. One query for each look.
 */
export async function findLookAlike(
  documents: Documents,
  claim: Claim,
  profile: Profile,
  {
    firstLookMs,
    waitMs,
    forBatch,
    signal,
  }: { firstLookMs: number; waitMs: number; forBatch: boolean; signal: AbortSignal },
): Promise<KnownAnswer | undefined> {
  const { prepared, source, replayedAt } = claim.document;
  if (profile.similar === undefined || !prepared?.likeness) return undefined;
  // Who asks for another answer does not want that of another picture.
  if (source.refresh || replayedAt) return undefined;
  const patience = Date.now() + waitMs;
  for (let pause = firstLookMs; ; pause *= 2) {
    const candidates = await candidatesOf(documents, claim, prepared, profile);
    const best = candidates.find(({ document }) => isReusable(document, profile));
    if (best) return takenFrom(best, prepared);
    // What was doubted of one will be doubted of the others: a burst does not wait for each in turn.
    if (candidates.some(({ document }) => isComparable(document, profile))) return undefined;
    const busy = candidates.find((candidate) => isAhead(candidate, claim, forBatch));
    if (!busy) return undefined;
    if (Date.now() + pause > patience) {
      throw new PipelineError(
        'CLAIM_BUSY',
        `A picture that looks alike, ${busy.document.source.name}, is being analyzed.`,
      );
    }
    await delay(pause, signal);
  }
}

/** The most similar first. */
async function candidatesOf(
  documents: Documents,
  { id, document }: Claim,
  prepared: Prepared,
  { similar = 1, cacheTtlHours }: Profile,
): Promise<Candidate[]> {
  const { collection, where } = RESULT_QUERIES.alike;
  const scope = { profile: document.profile, uploader: document.source.uploader, cacheTtlHours };
  const found = await documents.query(collection, {
    where: [{ ...where[0], value: bandsToFind(prepared.likeness?.hash ?? '', scope, Date.now()) }],
    limit: MOST_CANDIDATES,
  });
  const least = leastSimilarityOf(similar);
  return found
    .filter((one) => one.id !== id)
    .flatMap((one) => candidateOf(one, prepared))
    .filter(
      ({ document: other, similarity }) =>
        similarity >= least &&
        other.profile === document.profile &&
        other.source.uploader === document.source.uploader,
    )
    .toSorted((a, b) => b.similarity - a.similarity);
}

function candidateOf({ id, data, version }: Stored, prepared: Prepared): Candidate[] {
  const document = resultDocument.safeParse(data).data;
  if (!document?.prepared) return [];
  return [{ id, document, version, similarity: lookAlike(prepared, document.prepared) }];
}

/** Whether it was answered by the same question, so lately that the answer could be repeated. */
const isComparable = (
  { status, profileVersion, updatedAt }: ResultDocument,
  { version, cacheTtlHours }: Profile,
): boolean =>
  status === 'completed' &&
  profileVersion === version &&
  updatedAt.getTime() > Date.now() - cacheTtlHours * HOUR_MS;

/** What a person or the ladder doubts is not repeated, nor what was taken over itself. */
function isReusable(document: ResultDocument, profile: Profile): boolean {
  const { answer, model, partial, degraded, takenOver, review, feedback } = document;
  return (
    isComparable(document, profile) &&
    answer !== undefined &&
    model !== undefined &&
    partial !== true &&
    degraded !== true &&
    takenOver === undefined &&
    (review === undefined || review.because === 'sample') &&
    (feedback === undefined || feedback.verdict === 'right')
  );
}

/** Whether the other picture is being asked and was claimed before; `forBatch`: hours are waited for the earlier one. */
function isAhead({ id, document, version }: Candidate, claim: Claim, forBatch: boolean): boolean {
  const { status, batch, lane } = document;
  // Nobody waits for an answer that takes longer than its own may.
  if (isSlower(lane?.asked, claim.document.lane?.asked)) return false;
  if (status === 'analyzing')
    return !isExpired(document.claim.expiresAt, Date.now()) && isEarlier(version, claim.version);
  if (status !== 'parked' || !batch || !forBatch) return false;
  const [other, own] = [document.createdAt.getTime(), claim.document.createdAt.getTime()];
  return other < own || (other === own && id < claim.id);
}

const isEarlier = (a: Version, b: Version): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);

function takenFrom({ id, document, similarity }: Candidate, prepared: Prepared): KnownAnswer | undefined {
  const { answer, model, cost, source } = document;
  if (!answer || !model) return undefined;
  const savedUsd = cost?.usd ?? 0;
  if (document.prepared?.sha256 === prepared.sha256) return { answer, model, savedUsd };
  // In another picture the same thing may stand elsewhere: no box is better than a wrong one.
  const { evidence: _boxes, evidenceDropped: _dropped, ...placeless } = model;
  return { answer, model: placeless, savedUsd, takenOver: { from: id, name: source.name, similarity } };
}
