import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Write } from '../../shared/cloud/firestore/documents.ts';
import type { SpendEntry, SpendLog } from '../../shared/money/spend-log.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { BatchJob } from '../../shared/results/batches/job.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { documentPath } from '../../shared/results/id.ts';
import { asText, type EndFacts, failing, lessAndLess, owedTo } from '../../shared/results/outcomes.ts';
import type { BatchDependencies } from './dependencies.ts';
import { announce } from './leave-batches.ts';
import { claimOf } from './member.ts';
import type { Overtaken, RowEnd } from './row-end.ts';

/** What is settled of one picture. */
export type Settled = (RowEnd | Overtaken) & {
  /** The number of its line among the answers; absent where none speaks of it. */
  line?: number;
  /** Of one that Firestore refuses: what else can be tried to be stored of it. */
  left?: readonly EndFacts[];
};

/** Pictures that others touch meanwhile are written on top of theirs, so often; then in smaller commits. */
const MAX_ROUNDS = 5;

/**
 * All ends, what they cost together and how far the job is in one commit: a run that takes over after a crash finds them
 * all done or none, whatever has become of the pictures since, and one that has lost the job stores and books nothing.
 * What cannot be stored together goes in halves, each with its own word of how far the job is.
 */
export async function storeEnds(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  ends: readonly Settled[],
  settledLines = read.job.settledLines,
): Promise<ReadJob> {
  let open = ends;
  for (let round = 0; open.length <= 1 || round < MAX_ROUNDS; round += 1) {
    const stored = await storeTogether(deps, read, books, open, settledLines);
    if (stored instanceof PipelineError) {
      const [only, ...others] = open;
      if (!only || others.length > 0) break;
      deps.log.error('batch.refused-by-store', stored, { job: read.id, kind: only.kind });
      open = [lesser(only, stored)];
    } else if (stored === 'stale') open = await asTheyStand(deps, read, open);
    else {
      for (const end of open) await tell(deps, end);
      return stored;
    }
  }
  const half = Math.ceil(open.length / 2);
  const [before, after] = [open.slice(0, half), open.slice(half)];
  const line = after[0]?.line;
  const halfway = await storeEnds(deps, read, books, before, line === undefined ? settledLines : line - 1);
  return storeEnds(deps, halfway, books, after, settledLines);
}

/** Whom an end concerns beside its document. Should it be lost, the schedules find it. */
async function tell(deps: BatchDependencies, end: Settled): Promise<void> {
  if (end.kind === 'superseded') return;
  const { id, document } = end.claim;
  if (end.kind === 'returned') await announce(deps, id, document);
  if ((end.kind === 'answered' || end.kind === 'failed') && document.webhook) await deps.ended(id);
}

async function storeTogether(
  { jobs }: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  ends: readonly Settled[],
  settledLines: number,
): Promise<ReadJob | 'stale' | PipelineError> {
  const progress = { ...tally(read.job, ends), settledLines };
  if (ends.length === 0) return jobs.update(read, progress);
  const [first, ...others] = ends.flatMap(({ entry }) => entry ?? []);
  const booking = first ? [books.writeAll([first, ...others])] : [];
  try {
    return await jobs.updateWith(read, progress, [...ends.flatMap(changeOf), ...booking]);
  } catch (error) {
    // One that Firestore refuses must not hold up the others.
    if (isFailure(error, 'STORE_REFUSED')) return PipelineError.from(error);
    throw error;
  }
}

function changeOf(end: Settled): Write[] {
  if (end.kind === 'superseded') return [];
  const { claim, patch, cost, entry } = end;
  return [
    {
      kind: 'change',
      path: documentPath(claim.id),
      version: claim.version,
      patch: {
        ...patch,
        ...(cost ? { cost } : {}),
        ...(entry ? { 'claim.booked': claim.owner } : {}),
        updatedAt: new Date(Date.now()),
      },
    },
  ];
}

/** What the job has come to once the ends are stored. */
function tally(
  { counts, costUsd }: BatchJob,
  ends: readonly Settled[],
): Pick<BatchJob, 'counts' | 'costUsd'> {
  const sums = { ...counts };
  for (const { kind } of ends) sums[kind] += 1;
  const nanos = ends.flatMap(({ entry }) => entry?.calls ?? []).reduce((sum, call) => sum + call.nanos, 0);
  return { counts: sums, costUsd: costUsd + usdOf(nanos) };
}

/** The ends as they can be stored now: at the versions of the moment, or without a picture that the job no longer has. */
async function asTheyStand(
  { documents }: BatchDependencies,
  { id: job }: ReadJob,
  ends: readonly Settled[],
): Promise<Settled[]> {
  const held = ends.flatMap((end) => (end.kind === 'superseded' ? [] : [documentPath(end.claim.id)]));
  const stored = await documents.getMany(held);
  const versions = new Map(
    stored.flatMap((one) => (claimOf(job, one) ? [[one.id, one.version] as const] : [])),
  );
  return ends.map((end) => {
    if (end.kind === 'superseded') return end;
    const version = versions.get(end.claim.id);
    return version ? { ...end, claim: { ...end.claim, version } } : overtaken(end);
  });
}

/** Deleted, replaced or taken over: its call costs what it costs, and the picture has not ended by it. */
const overtaken = ({ entry, line }: RowEnd & { line?: number }): Settled => ({
  kind: 'superseded',
  ...(entry ? { entry: unended(entry) } : {}),
  ...(line === undefined ? {} : { line }),
});

const unended = (entry: SpendEntry): SpendEntry => ({ ...entry, ended: false, estimated: 0, topStep: 0 });

/** What Firestore refuses ends its picture: without its answer as data, then with less and less, at last its cost alone. */
function lesser(end: Settled, failure: PipelineError): Settled {
  if (end.kind === 'superseded') throw failure;
  const { claim, attempts, answer } = end;
  const facts = { ...(attempts ? { attempts } : {}), ...(answer ? asText(answer) : {}) };
  const [kept, ...left] = end.left ?? lessAndLess(facts);
  if (!kept) return overtaken(end);
  const { webhook } = claim.document;
  const patch = { ...failing(claim, failure, kept), ...(webhook ? owedTo(webhook) : {}) };
  return { ...end, kind: 'failed', patch, left };
}
