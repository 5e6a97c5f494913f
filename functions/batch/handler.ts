import { isFailure, PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { endGrants } from '../../shared/money/job-grants.ts';
import { dayOf } from '../../shared/prices/units.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import { REPEATS } from '../../shared/results/batches/same-bytes.ts';
import { batchEndsAt, countWaiting } from '../../shared/results/batches/waiting.ts';
import { type ResultDocument, resultDocument } from '../../shared/results/document.ts';
import { RESULT_QUERIES } from '../../shared/results/queries.ts';
import { collectPictures, membersOf } from './collect.ts';
import { type BatchDependencies, LONGEST_MS } from './dependencies.ts';
import { GIVEN_UP, isGivenUp, launch, storeRequests } from './launch.ts';
import { askedOf, type Member } from './member.ts';
import { answerSamePictures } from './same-pictures.ts';
import { settleJob } from './settle.ts';
import { watch } from './watch.ts';

/** What one run did. */
interface BatchReport {
  /** Jobs that were looked at, begun and ended. */
  looked: number;
  begun: number;
  ended: number;
  /** Pictures that took the answer of another one of the same bytes. */
  repeated: number;
  /** Pictures that wait for a job. */
  waiting: number;
  paused: boolean;
}

/** Pictures that wait for another one's answer may be many: those that wait for a job of their own need time too. */
const SHARE_OF_REPEATS = 0.25;

/**
 * Brings every job as far as it can be brought now, then begins jobs for what waits. `enough`: somebody says that enough
 * pictures wait. Stops when `timeMs` are over; running it twice at once, even in one process, does no harm: each job has one
 * run that owns it.
 */
export const createBatchRun =
  (shared: BatchDependencies, timeMs: number) =>
  (signal: AbortSignal, enough = false): Promise<BatchReport> =>
    shared.jobs.inRun(async (jobs) => {
      const deps = { ...shared, jobs };
      const endsAt = Date.now() + timeMs;
      const hasTime = () => Date.now() < endsAt && !signal.aborted;
      const report = { looked: 0, begun: 0, ended: 0, repeated: 0, waiting: 0, paused: false };
      for (const read of await deps.jobs.active()) {
        if (!hasTime() || !isDue(read)) continue;
        const taken = await deps.jobs.take(read);
        if (!taken) continue;
        report.looked += 1;
        if ((await advance(deps, taken, undefined, signal, hasTime)) === 'ended') report.ended += 1;
      }
      const repeatsEndAt = Date.now() + timeMs * SHARE_OF_REPEATS;
      report.repeated = await answerSamePictures(deps, signal, () => hasTime() && Date.now() < repeatsEndAt);
      report.waiting = await countWaiting(deps.documents);
      report.paused = (await deps.control.pauseOf('pipeline')) !== undefined;
      const passed = new Set<string>([REPEATS]);
      let isEnough = enough || report.waiting >= deps.options.enoughPictures;
      while (!report.paused && hasTime()) {
        const begun = await begin(deps, passed, isEnough, signal);
        if (begun === undefined) break;
        // What came together goes together, whatever the time it has waited.
        isEnough = true;
        if (begun === 'passed') continue;
        report.begun += 1;
        if ((await advance(deps, begun.read, begun.members, signal, hasTime)) === 'ended') report.ended += 1;
      }
      deps.log.info('batch.run', { ...report });
      return report;
    });

const isDue = ({ job }: ReadJob): boolean =>
  job.notBefore.getTime() <= Date.now() ||
  (job.cancelRequestedAt !== undefined && job.cancelledAt === undefined) ||
  job.deadline.getTime() <= Date.now();

/** A failure of the moment is not the job's: another run goes on, at the latest after this time. Milliseconds. */
const AGAIN_MS = 30_000;

async function advance(
  deps: BatchDependencies,
  taken: ReadJob,
  fresh: readonly Member[] | undefined,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<'ended' | 'waits'> {
  let read = taken;
  const signsOfLife = setInterval(() => deps.jobs.keep(read), deps.options.leaseMs / 3);
  try {
    for (;;) {
      const step = await stepOf(deps, read, fresh, signal, hasTime);
      ({ read } = step);
      if (step.untilMs === undefined) continue;
      if (read.job.state === 'ended' && read.job.outcome === 'empty') {
        await deps.jobs.remove(read);
        return 'waits';
      }
      await deps.jobs.release(read, new Date(step.untilMs));
      return read.job.state === 'ended' ? 'ended' : 'waits';
    }
  } catch (error) {
    if (isFailure(error, 'SUPERSEDED')) return 'waits';
    const failure = PipelineError.from(error);
    deps.log.error('batch.failed', failure, { job: read.id, state: read.job.state });
    const latest = (await deps.jobs.get(read.id).catch(() => undefined)) ?? read;
    await deps.jobs
      .release(latest, new Date(Date.now() + Math.min(AGAIN_MS, deps.options.pollMs)))
      .catch(() => undefined);
    return 'waits';
  } finally {
    clearInterval(signsOfLife);
  }
}

/** One step of a job's life. `untilMs`: nothing more can be done now. */
async function stepOf(
  deps: BatchDependencies,
  read: ReadJob,
  fresh: readonly Member[] | undefined,
  signal: AbortSignal,
  hasTime: () => boolean,
): Promise<{ read: ReadJob; untilMs?: number }> {
  const { jobs } = deps;
  switch (read.job.state) {
    case 'assembling': {
      if (isGivenUp(read))
        return {
          read: await jobs.update(read, { state: 'settling', outcome: 'refused', problem: GIVEN_UP }),
        };
      const members = fresh ?? (await membersOf(deps, read));
      if (members.length === 0)
        return { read: await jobs.update(read, { state: 'settling', outcome: 'empty' }) };
      const counted = await jobs.update(read, { pictures: members.length });
      return { read: await storeRequests(deps, counted, members, signal) };
    }
    case 'creating': {
      const launched = await launch(deps, read, signal);
      if (launched.kind === 'job') return { read: launched.read };
      if (launched.kind === 'wait') return { read: launched.read, untilMs: launched.untilMs };
      const { problem } = launched;
      return { read: await jobs.update(launched.read, { state: 'settling', outcome: 'refused', problem }) };
    }
    case 'running':
    case 'cancelling': {
      const watched = await watch(deps, read, signal);
      return watched.kind === 'over'
        ? { read: watched.read }
        : { read: watched.read, untilMs: watched.untilMs };
    }
    case 'settling': {
      const settled = await settleJob(deps, read, signal, hasTime);
      return { read: settled.read, untilMs: Date.now() };
    }
    case 'ended':
      return { read, untilMs: Date.now() };
  }
}

/**
 * A job for the group of the picture that waits longest, with all that may join it; `passed` when nothing could, which
 * leaves the group for the next run. Undefined when nothing waits long enough.
 */
async function begin(
  deps: BatchDependencies,
  passed: Set<string>,
  isEnough: boolean,
  signal: AbortSignal,
): Promise<{ read: ReadJob; members: Member[] } | 'passed' | undefined> {
  const oldest = await oldestWaiting(deps, passed);
  if (!oldest) return undefined;
  const { document, group } = oldest;
  const now = Date.now();
  const since = document.batch?.waitingSince?.getTime() ?? now;
  if (!isEnough && now - since < deps.options.collectMs) return undefined;
  passed.add(group);
  const [model = ''] = group.split(' ');
  const active = await deps.jobs.active();
  const enqueued = active
    .filter(({ job }) => job.model === model)
    .reduce((sum, { job }) => sum + job.tokens, 0);
  const pause = await deps.control.pauseOf({ model });
  const profile = (await askedOf(deps, document))?.profile;
  if (active.length >= deps.options.maxJobs || enqueued >= deps.options.maxTokens || pause || !profile)
    return 'passed';
  const endsAt = document.lane ? batchEndsAt(document.lane, deps.options.times) : now;
  const fresh = await deps.jobs.begin({
    ...{ api: deps.api.name, model, profile: profile.name, profileVersion: profile.version, group },
    day: dayOf(now),
    deadline: new Date(Math.min(endsAt, now + LONGEST_MS)),
  });
  const room = { tokens: deps.options.maxTokens - enqueued };
  const collected = await collectPictures(deps, fresh, room, signal).catch(afterLoss(deps, fresh));
  if (!collected) return 'passed';
  const { job } = collected.read;
  deps.log.info('batch.assembled', { job: fresh.id, group, pictures: job.pictures, bytes: job.bytes });
  // More of the group may be left than one job takes.
  if (job.pictures >= deps.options.maxPictures || job.bytes >= deps.options.maxBytes / 2)
    passed.delete(group);
  return collected;
}

/**
 * A process that stood still has lost its job to another one, which may have ended it, and given its money back, before
 * this one took any: then nobody else gives that back.
 */
const afterLoss =
  ({ jobs, documents }: BatchDependencies, { id, job }: ReadJob) =>
  async (error: unknown): Promise<undefined> => {
    if (!isFailure(error, 'SUPERSEDED')) throw error;
    const latest = await jobs.get(id);
    if (!latest || latest.job.state === 'ended') await endGrants(documents, job.day, id);
  };

const PAGE = 50;

async function oldestWaiting(
  { documents }: BatchDependencies,
  passed: ReadonlySet<string>,
): Promise<{ document: ResultDocument; group: string } | undefined> {
  const { collection, where, orderBy } = RESULT_QUERIES.waitingForBatch;
  const filter = { ...where[0], value: new Date(Date.now()) };
  let limit = 1;
  let startAfter: readonly unknown[] | undefined;
  for (;;) {
    const page = await documents.query(collection, {
      where: [filter],
      orderBy,
      limit,
      ...(startAfter ? { startAfter } : {}),
    });
    for (const { data } of page) {
      const document = resultDocument.safeParse(data).data;
      const group = document?.batch?.group;
      if (document && group !== undefined && !passed.has(group)) return { document, group };
    }
    const last = page.at(-1);
    if (!last || page.length < limit) return undefined;
    startAfter = [last.exactly('batch.waitingSince'), last.id];
    limit = PAGE;
  }
}
