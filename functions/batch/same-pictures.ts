import { randomUUID } from 'node:crypto';
import { isFailure } from '../../shared/base/errors/pipeline-error.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import { createRecordHit } from '../../shared/money/spending.ts';
import { firstWritten } from '../../shared/profiles/decision-step.ts';
import { REPEATS } from '../../shared/results/batches/same-bytes.ts';
import { batchEndsAt, groupOf } from '../../shared/results/batches/waiting.ts';
import type { Claim } from '../../shared/results/claim.ts';
import { type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { documentPath } from '../../shared/results/id.ts';
import { repeating } from '../../shared/results/outcomes.ts';
import { pageOf } from './collect.ts';
import type { BatchDependencies } from './dependencies.ts';
import { type Asked, askedOf } from './member.ts';

const PAGE = 100;

/**
 * Pictures of the same bytes as one that waits: they take its answer when it is there, go on waiting while it waits, and
 * wait for a job themselves where it came to nothing. As many as there is time for, beginning anywhere, so that each has
 * its turn. Resolves with how many have got their answer.
 */
export async function answerSamePictures(
  deps: BatchDependencies,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<number> {
  const books = new SpendLog(`batch-repeats-${randomUUID()}`);
  // Ids are spread evenly over all hexadecimal numbers.
  const first = randomUUID().replaceAll('-', '');
  let answered = 0;
  let after: string | undefined = first;
  for (let round = 0; round < 2; ) {
    const page = await pageOf(deps, 'ofBatchGroup', REPEATS, PAGE, after);
    for (const { id, data, version } of page) {
      if (!hasTime() || (round === 1 && id > first)) return answered;
      const document = resultDocument.safeParse(data).data;
      const asked = document && (await askedOf(deps, document));
      if (!document || !asked) continue;
      const claim = { id, owner: document.claim.owner, document, startedAt: Date.now(), version, storeMs: 0 };
      if (await answerOne(deps, books, claim, asked, signal)) answered += 1;
    }
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
    if (after === undefined) round += 1;
  }
  return answered;
}

async function answerOne(
  deps: BatchDependencies,
  books: SpendLog,
  claim: Claim,
  asked: Asked,
  signal: AbortSignal,
): Promise<boolean> {
  const { document } = claim;
  try {
    const known = await deps.recall(claim, asked.profile, signal, true);
    if (!known) {
      await waitForJob(deps, claim, asked, document);
      return false;
    }
    const { version: profileVersion } = asked.profile;
    const { attempts } = document;
    await deps.results.complete(claim, {
      ...repeating(known, { profileVersion, attempts, timings: {} }),
      money: createRecordHit(books)(document, known.savedUsd),
    });
    return true;
  } catch (error) {
    // Busy: the other one waits. Superseded: this one has gone on.
    if (isFailure(error, 'CLAIM_BUSY', 'SUPERSEDED')) return false;
    throw error;
  }
}

async function waitForJob(
  { documents, options }: BatchDependencies,
  { id, version }: Claim,
  { profile, question }: Asked,
  { lane, batch }: ResultDocument,
): Promise<void> {
  const leftMs = lane ? batchEndsAt(lane, options.times) - Date.now() : 0;
  const [model] = (firstWritten(profile) ?? profile.ladder[0]).models;
  const group = groupOf({ model, profile, question }, leftMs);
  // Meanwhile its profile may have come to ask something else.
  const anew = batch?.question === question ? {} : { 'batch.question': question, 'batch.replies': undefined };
  await documents.compareAndSet(documentPath(id), { 'batch.group': group, ...anew }, version);
}
