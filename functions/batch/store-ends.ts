import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Write } from '../../shared/cloud/firestore/documents.ts';
import type { ModelReply } from '../../shared/model/request.ts';
import type { SpendEntry, SpendLog } from '../../shared/money/spend-log.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { BatchJob } from '../../shared/results/batches/job.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { documentPath } from '../../shared/results/id.ts';
import { asText, writeUnderClaim } from '../../shared/results/outcomes.ts';
import type { BatchDependencies } from './dependencies.ts';
import { announce } from './leave-batches.ts';
import type { RowEnd } from './row-end.ts';

export type JobCounts = BatchJob['counts'];

/** All ends in one commit with what they cost together; where one was overtaken, one after another. */
export async function storeEnds(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  ends: readonly RowEnd[],
  more: { counts?: Partial<JobCounts>; costUsd?: number; settledLines?: number },
): Promise<ReadJob> {
  const counts: JobCounts = { ...read.job.counts };
  const count = (kind: keyof JobCounts, by = 1) => {
    counts[kind] += by;
  };
  for (const [kind, by] of Object.entries(more.counts ?? {})) count(kind as keyof JobCounts, by);
  let costUsd = read.job.costUsd + (more.costUsd ?? 0);
  const isTogether = ends.length > 0 && (await storeTogether(deps, books, ends));
  for (const end of ends) {
    const stored = isTogether || (await storeAlone(deps, read, books, end));
    count(stored ? end.kind : 'superseded');
    costUsd += usdOf((end.entry?.calls ?? []).reduce((sum, { nanos }) => sum + nanos, 0));
    if (!stored) continue;
    if (end.kind === 'returned') await announce(deps, end.claim.id, end.claim.document);
    if ((end.kind === 'answered' || end.kind === 'failed') && end.claim.document.webhook)
      await deps.ended(end.claim.id);
  }
  const settledLines = more.settledLines ?? read.job.settledLines;
  return deps.jobs.update(read, { counts, costUsd, settledLines });
}

async function storeTogether(
  { documents }: BatchDependencies,
  books: SpendLog,
  ends: readonly RowEnd[],
): Promise<boolean> {
  const changes = ends.map(
    ({ claim, patch, cost, entry }): Write => ({
      kind: 'change',
      path: documentPath(claim.id),
      version: claim.version,
      patch: {
        ...patch,
        ...(cost ? { cost } : {}),
        ...(entry ? { 'claim.booked': claim.owner } : {}),
        updatedAt: new Date(Date.now()),
      },
    }),
  );
  const [first, ...others] = ends.flatMap(({ entry }) => entry ?? []);
  const booking = first ? [books.writeAll([first, ...others])] : [];
  try {
    return (await documents.commit([...changes, ...booking])) !== 'stale';
  } catch (error) {
    // One that Firestore refuses must not hold up the others.
    if (isFailure(error, 'STORE_REFUSED')) return false;
    throw error;
  }
}

/** False when the picture is another's by now; what its call cost is booked all the same. */
async function storeAlone(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  { claim, patch, cost, entry, attempts, answer }: RowEnd,
): Promise<boolean> {
  const money = cost && entry ? { cost, record: books.write(entry) } : undefined;
  try {
    await writeUnderClaim(deps.documents, claim, patch, money);
    return true;
  } catch (error) {
    if (isFailure(error, 'STORE_REFUSED')) {
      await deps.results.end(claim, PipelineError.from(error), {
        ...(attempts ? { attempts } : {}),
        ...(answer ? asText(answer) : {}),
        ...(money ? { money } : {}),
      });
      return true;
    }
    if (!isFailure(error, 'SUPERSEDED')) throw error;
    if (entry) await bookOnce(deps, read, books, claim.id, entry);
    return false;
  }
}

/**
 * The cost of a reply whose picture was deleted, replaced or taken over meanwhile, in dollars; undefined where an earlier
 * run has settled it.
 */
export async function bookSuperseded(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  id: string,
  { usage, modelVersion }: ModelReply,
): Promise<number | undefined> {
  const { job } = read;
  if (!usage) return undefined;
  const atMs = job.createdAt.getTime();
  const bill = deps.prices.costOf({
    ...{ version: modelVersion, requested: job.model, usage, atMs, lane: 'batch' },
  });
  const isNew = await bookOnce(deps, read, books, id, {
    ...{ day: job.day, scopes: ['pipeline'], profile: job.profile, uploader: null },
    ...{ ended: false, cacheHit: false },
    calls: [{ model: bill.pricedAs, lane: 'batch', tokens: usage, nanos: bill.nanos }],
    ...{ estimated: 0, lost: 0, savedByCache: 0, topStep: 0, bytesIn: 0, bytesOut: 0 },
  });
  return isNew ? usdOf(bill.nanos) : undefined;
}

/** False when the document has the call's row, which is stored in the same commit as its booking. */
async function bookOnce(
  deps: BatchDependencies,
  { id, job }: ReadJob,
  books: SpendLog,
  picture: string,
  entry: SpendEntry,
): Promise<boolean> {
  const found = await deps.results.get(picture);
  const isBooked = found?.attempts.some(
    ({ lane, at }) => lane === 'batch' && at.getTime() === job.createdAt.getTime(),
  );
  // Its mark can be created only once: an earlier run that came so far has booked it.
  if (!isBooked) await deps.late.record(`${id}-${picture}`, books.write(entry));
  return !isBooked;
}
