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
import { claimOf } from './member.ts';
import type { RowEnd } from './row-end.ts';

export type JobCounts = BatchJob['counts'];

/** A picture that others touch meanwhile is written on top of theirs, so often; then each goes in a commit of its own. */
const MAX_ROUNDS = 5;

/**
 * All ends, what they cost together and how far the job is in one commit: a run that takes over after a crash finds them
 * all done or none, whatever has become of the pictures since. Those that were overtaken cost what they cost.
 */
export async function storeEnds(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  ends: readonly RowEnd[],
  more: { counts?: Partial<JobCounts>; costUsd?: number; settledLines?: number },
): Promise<ReadJob> {
  const { job } = read;
  const tally = new Tally(job, ends, more);
  const settledLines = more.settledLines ?? job.settledLines;
  const progress = () => ({ counts: tally.counts, costUsd: tally.costUsd, settledLines });
  let open = ends;
  for (let round = 0; open.length > 0 && round < MAX_ROUNDS; round += 1) {
    const stored = await storeTogether(deps, read, books, open, progress());
    if (stored === 'refused') break;
    if (stored !== 'stale') {
      for (const end of open) await tell(deps, end);
      return stored;
    }
    const { held, overtaken } = await look(deps, read, open);
    for (const end of overtaken) {
      await bookOvertaken(deps, read, books, end);
      tally.overtook(end);
    }
    open = held;
  }
  for (const end of open)
    if (await storeAlone(deps, read, books, end)) await tell(deps, end);
    else tally.overtook(end);
  return deps.jobs.update(read, progress());
}

/** What a job has come to once the ends are stored. */
class Tally {
  readonly counts: JobCounts;
  readonly costUsd: number;

  constructor(
    { counts, costUsd }: BatchJob,
    ends: readonly RowEnd[],
    more: { counts?: Partial<JobCounts>; costUsd?: number },
  ) {
    this.counts = { ...counts };
    for (const [kind, by] of Object.entries(more.counts ?? {})) this.counts[kind as keyof JobCounts] += by;
    for (const { kind } of ends) this.counts[kind] += 1;
    const nanos = ends.flatMap(({ entry }) => entry?.calls ?? []).reduce((sum, call) => sum + call.nanos, 0);
    this.costUsd = costUsd + (more.costUsd ?? 0) + usdOf(nanos);
  }

  overtook({ kind }: RowEnd): void {
    this.counts[kind] -= 1;
    this.counts.superseded += 1;
  }
}

/** Whom an end concerns beside its document. Should it be lost, the schedules find it. */
async function tell(deps: BatchDependencies, { kind, claim: { id, document } }: RowEnd): Promise<void> {
  if (kind === 'returned') await announce(deps, id, document);
  if ((kind === 'answered' || kind === 'failed') && document.webhook) await deps.ended(id);
}

async function storeTogether(
  { jobs }: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  ends: readonly RowEnd[],
  progress: Pick<BatchJob, 'counts' | 'costUsd' | 'settledLines'>,
): Promise<ReadJob | 'stale' | 'refused'> {
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
    return await jobs.updateWith(read, progress, [...changes, ...booking]);
  } catch (error) {
    // One that Firestore refuses must not hold up the others.
    if (isFailure(error, 'STORE_REFUSED')) return 'refused';
    throw error;
  }
}

/** The ends as they can be stored now: at the versions of the moment, without those whose pictures the job no longer has. */
async function look(
  { documents }: BatchDependencies,
  { id: job }: ReadJob,
  ends: readonly RowEnd[],
): Promise<{ held: RowEnd[]; overtaken: RowEnd[] }> {
  const stored = await documents.getMany(ends.map(({ claim }) => documentPath(claim.id)));
  const versions = new Map(
    stored.flatMap((one) => (claimOf(job, one) ? [[one.id, one.version] as const] : [])),
  );
  const held = ends.flatMap((end) => {
    const version = versions.get(end.claim.id);
    return version ? [{ ...end, claim: { ...end.claim, version } }] : [];
  });
  return { held, overtaken: ends.filter(({ claim }) => !versions.has(claim.id)) };
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
    await bookOvertaken(deps, read, books, { claim, ...(entry ? { entry } : {}) });
    return false;
  }
}

async function bookOvertaken(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  { claim, entry }: Pick<RowEnd, 'claim' | 'entry'>,
): Promise<void> {
  if (entry) await bookOnce(deps, read, books, claim.id, entry);
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
