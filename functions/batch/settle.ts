import { isFailure } from '../../shared/base/errors/pipeline-error.ts';
import type { Write } from '../../shared/cloud/firestore/documents.ts';
import type { ModelReply } from '../../shared/model/request.ts';
import { endGrants } from '../../shared/money/job-grants.ts';
import { type SpendEntry, SpendLog } from '../../shared/money/spend-log.ts';
import { usdOf } from '../../shared/prices/units.ts';
import type { BatchJob } from '../../shared/results/batches/job.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import type { Claim } from '../../shared/results/claim.ts';
import { resultDocument } from '../../shared/results/document.ts';
import { documentPath } from '../../shared/results/id.ts';
import { writeUnderClaim } from '../../shared/results/outcomes.ts';
import type { ResultLine } from './apis/batch-api.ts';
import { pageOf } from './collect.ts';
import type { BatchDependencies } from './dependencies.ts';
import { announce } from './leave-batches.ts';
import { endOfReply, endOfSilence, type RowEnd } from './row-end.ts';

/** Pictures that are settled in one commit, with one entry of the spend log. */
const CHUNK = 50;

type Counts = BatchJob['counts'];

/**
 * Stores what became of every picture of a job, line by line, each under its claim and generation: doing it again after
 * a crash finds those that are left. Then come the pictures that no line speaks of, and last the money that was not spent.
 * Stops when there is no time; the next run goes on. Resolves with whether it is done.
 */
export async function settleJob(
  deps: BatchDependencies,
  begun: ReadJob,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<{ read: ReadJob; done: boolean }> {
  let read = begun;
  const { job } = begun;
  const books = new SpendLog(read.id);
  if (job.output !== undefined) {
    let lines: (ResultLine | undefined)[] = [];
    let seen = 0;
    for await (const line of deps.api.results(job.output, job.model, signal)) {
      seen += 1;
      if (seen <= job.settledLines) continue;
      lines.push(line);
      if (lines.length < CHUNK) continue;
      read = await settleLines(deps, read, books, lines, seen, signal);
      lines = [];
      if (!hasTime()) return { read, done: false };
    }
    if (lines.length > 0) read = await settleLines(deps, read, books, lines, seen, signal);
  }
  const left = await settleSilent(deps, read, books, hasTime);
  if (!left.done) return left;
  await endGrants(deps.documents, job.day, read.id);
  await deps.api
    .discard(job, signal)
    .catch((error: unknown) => deps.log.warn('batch.not-discarded', { job: read.id, error: String(error) }));
  const ended = await deps.jobs.update(left.read, { state: 'ended', endedAt: new Date(Date.now()) });
  const { counts, outcome, costUsd, pictures } = ended.job;
  deps.log.info('batch.ended', { job: read.id, outcome, pictures, ...counts, costUsd });
  return { read: ended, done: true };
}

async function settleLines(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  lines: readonly (ResultLine | undefined)[],
  settledLines: number,
  signal: AbortSignal,
): Promise<ReadJob> {
  const known = new Map(lines.flatMap((line) => (line ? [[line.key, line]] : [])));
  const stored = await deps.documents.getMany([...known.keys()].map(documentPath));
  const claims = new Map(
    stored.flatMap((one) => {
      const claim = claimOf(read.id, one);
      return claim ? [[claim.id, claim]] : [];
    }),
  );
  const ends: RowEnd[] = [];
  const counts: Partial<Counts> = {};
  let lostUsd = 0;
  for (const line of known.values()) {
    const claim = claims.get(line.key);
    if (!claim) {
      const usd = 'reply' in line ? await bookSuperseded(deps, read, books, line.key, line.reply) : undefined;
      if (usd !== undefined) counts.superseded = (counts.superseded ?? 0) + 1;
      lostUsd += usd ?? 0;
    } else if ('reply' in line) ends.push(await endOfReply(deps, read, claim, line.reply, signal));
    else {
      const { status, message } = line.refusal;
      deps.log.warn('batch.row-refused', {
        job: read.id,
        id: line.key,
        status,
        message: message.slice(0, 300),
      });
      ends.push(
        await endOfSilence(deps, claim, { mayWait: status === 408 || status === 429 || status >= 499 }),
      );
    }
  }
  return store(deps, read, books, ends, { counts, costUsd: lostUsd, settledLines });
}

/** Pictures that the answers do not speak of, or of which there are none. */
async function settleSilent(
  deps: BatchDependencies,
  begun: ReadJob,
  books: SpendLog,
  hasTime: () => boolean,
): Promise<{ read: ReadJob; done: boolean }> {
  let read = begun;
  const { outcome } = begun.job;
  // Nobody waits a second time for what was given up.
  const mayWait = outcome !== 'cancelled' && outcome !== 'stuck' && outcome !== 'refused';
  for (;;) {
    const page = await pageOf(deps, 'ofBatchJob', read.id, CHUNK, undefined);
    const claims = page.flatMap((one) => claimOf(read.id, one) ?? []);
    const ends = await Promise.all(claims.map((claim) => endOfSilence(deps, claim, { mayWait })));
    // What cannot be read, or was taken over, is not this job's any more.
    if (ends.length === 0) return { read, done: true };
    read = await store(deps, read, books, ends, {});
    if (!hasTime()) return { read, done: false };
  }
}

/** Undefined for a picture that is not, or no longer, this job's. */
function claimOf(
  job: string,
  { id, data, version }: Pick<Claim, 'id' | 'version'> & { data: Record<string, unknown> },
): Claim | undefined {
  const document = resultDocument.safeParse(data).data;
  if (document?.batch?.job !== job || document.claim.owner !== job) return undefined;
  return { id, owner: job, document, startedAt: Date.now(), version, storeMs: 0 };
}

/** All ends in one commit with what they cost together; where one was overtaken, one after another. */
async function store(
  deps: BatchDependencies,
  read: ReadJob,
  books: SpendLog,
  ends: readonly RowEnd[],
  more: { counts?: Partial<Counts>; costUsd?: number; settledLines?: number },
): Promise<ReadJob> {
  const counts: Counts = { ...read.job.counts };
  const count = (kind: keyof Counts, by = 1) => {
    counts[kind] += by;
  };
  for (const [kind, by] of Object.entries(more.counts ?? {})) count(kind as keyof Counts, by);
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
  { claim, patch, cost, entry, attempts }: RowEnd,
): Promise<boolean> {
  const money = cost && entry ? { cost, record: books.write(entry) } : undefined;
  try {
    await writeUnderClaim(deps.documents, claim, patch, money);
    return true;
  } catch (error) {
    if (isFailure(error, 'STORE_REFUSED')) {
      await deps.results.end(claim, error as never, {
        ...(attempts ? { attempts } : {}),
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
async function bookSuperseded(
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
