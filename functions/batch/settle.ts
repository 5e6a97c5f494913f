import { cutText } from '../../shared/base/text.ts';
import { endGrants } from '../../shared/money/job-grants.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { documentPath } from '../../shared/results/id.ts';
import type { ResultLine } from './apis/batch-api.ts';
import { pageOf } from './collect.ts';
import type { BatchDependencies } from './dependencies.ts';
import { claimOf } from './member.ts';
import { endOfReply, endOfSilence, type RowEnd } from './row-end.ts';
import { bookSuperseded, type JobCounts, storeEnds } from './store-ends.ts';

/** Of Google's words about a row, in UTF-16 units of the log. */
const MAX_MESSAGE = 300;
/** Pictures that are settled in one commit, with one entry of the spend log. */
const CHUNK = 50;

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
  const ended = await deps.jobs.update(left.read, { state: 'ended', endedAt: new Date(Date.now()) });
  // Not before: a run that takes the job over must find its answers.
  await deps.api
    .discard(job, signal)
    .catch((error: unknown) => deps.log.warn('batch.not-discarded', { job: read.id, error: String(error) }));
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
  const counts: Partial<JobCounts> = {};
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
        message: cutText(message, MAX_MESSAGE),
      });
      ends.push(
        await endOfSilence(deps, claim, { mayWait: status === 408 || status === 429 || status >= 499 }),
      );
    }
  }
  return storeEnds(deps, read, books, ends, { counts, costUsd: lostUsd, settledLines });
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
    read = await storeEnds(deps, read, books, ends, {});
    if (!hasTime()) return { read, done: false };
  }
}
