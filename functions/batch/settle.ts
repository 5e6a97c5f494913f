import { cutText } from '../../shared/base/text.ts';
import type { Stored } from '../../shared/cloud/firestore/documents.ts';
import { endGrants } from '../../shared/money/job-grants.ts';
import { SpendLog } from '../../shared/money/spend-log.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { resultDocument } from '../../shared/results/document.ts';
import { documentPath } from '../../shared/results/id.ts';
import type { ResultLine } from './apis/batch-api.ts';
import { pageOf } from './collect.ts';
import type { BatchDependencies } from './dependencies.ts';
import { answersOf } from './kept-answers.ts';
import { claimOf } from './member.ts';
import { endOfReply, endOfSilence, type Overtaken, overtakenBy, type RowEnd } from './row-end.ts';
import { type Settled, storeEnds } from './store-ends.ts';

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
    for await (const line of answersOf(deps, begun, job.output, signal)) {
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
  const left = await settleSilent(deps, read, books, signal, hasTime);
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
  const firstLine = settledLines - lines.length + 1;
  const known = new Map<string, { line: ResultLine; number: number }>();
  for (const [i, line] of lines.entries())
    if (line && !known.has(line.key)) known.set(line.key, { line, number: firstLine + i });
  const stored = new Map(
    (await deps.documents.getMany([...known.keys()].map(documentPath))).map((one) => [one.id, one]),
  );
  const ends: Settled[] = [];
  for (const [id, { line, number }] of known) {
    const end = await endOfLine(deps, read, line, stored.get(id), signal);
    if (end) ends.push({ ...end, line: number });
  }
  return storeEnds(deps, read, books, ends, settledLines);
}

/** Undefined for a line that changes nothing and costs nothing. */
async function endOfLine(
  deps: BatchDependencies,
  read: ReadJob,
  line: ResultLine,
  stored: Stored | undefined,
  signal: AbortSignal,
): Promise<RowEnd | Overtaken | undefined> {
  const claim = stored && claimOf(read.id, stored);
  if ('reply' in line) {
    if (claim) return endOfReply(deps, read, claim, line.reply, signal);
    return isBooked(read, stored) ? undefined : overtakenBy(deps, read.job, line.reply);
  }
  if (!claim) return undefined;
  const { status, message } = line.refusal;
  deps.log.warn('batch.row-refused', {
    job: read.id,
    id: line.key,
    status,
    message: cutText(message, MAX_MESSAGE),
  });
  const mayWait = status === 408 || status === 429 || status >= 499;
  return endOfSilence(deps, claim, { mayWait }, signal);
}

/** Whether the answers have spoken of the picture before: its document has the call's row. */
function isBooked({ job }: ReadJob, stored: Stored | undefined): boolean {
  const attempts = (stored && resultDocument.safeParse(stored.data).data?.attempts) ?? [];
  return attempts.some(({ lane, at }) => lane === 'batch' && at.getTime() === job.createdAt.getTime());
}

/** Pictures that the answers do not speak of, or of which there are none. */
async function settleSilent(
  deps: BatchDependencies,
  begun: ReadJob,
  books: SpendLog,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<{ read: ReadJob; done: boolean }> {
  let read = begun;
  let after: string | undefined;
  const { outcome } = begun.job;
  // Nobody waits a second time for what was given up.
  const mayWait = outcome !== 'cancelled' && outcome !== 'stuck' && outcome !== 'refused';
  do {
    const page = await pageOf(deps, 'ofBatchJob', read.id, CHUNK, after);
    after = page.length === CHUNK ? page.at(-1)?.id : undefined;
    // What cannot be read, or was taken over, is not this job's any more.
    const claims = page.flatMap((one) => claimOf(read.id, one) ?? []);
    const ends = await Promise.all(claims.map((claim) => endOfSilence(deps, claim, { mayWait }, signal)));
    if (ends.length > 0) read = await storeEnds(deps, read, books, ends);
    if (after !== undefined && !hasTime()) return { read, done: false };
  } while (after !== undefined);
  return { read, done: true };
}
