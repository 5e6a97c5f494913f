import { isFailure } from '../../shared/base/errors/pipeline-error.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import type { RemoteJob } from './apis/batch-api.ts';
import type { BatchDependencies } from './dependencies.ts';

/** Where a job stands after a look at it: to be settled, or to be looked at again. */
type Watched = { kind: 'over'; read: ReadJob } | { kind: 'wait'; read: ReadJob; untilMs: number };

/** A job is looked at again after its cancellation at the latest then. Milliseconds. */
const CANCELLING_MS = 30_000;

/** Looks at a job that Google has; gives it up at its deadline, or when a person wants it. */
export async function watch(deps: BatchDependencies, read: ReadJob, signal: AbortSignal): Promise<Watched> {
  const { api, jobs, options, log } = deps;
  const { job } = read;
  const remote = await api.get(job.name ?? '', signal);
  if (!remote) {
    // Whoever looks soon after the creation may be told that there is no such job.
    const knownAt = (job.triedAt?.getTime() ?? 0) + options.createSettleMs;
    if (Date.now() < knownAt) return { kind: 'wait', read, untilMs: knownAt };
    return over(deps, read, { outcome: 'gone', problem: 'Google does not know the job any more.' });
  }
  if (remote.state !== 'pending' && remote.state !== 'running') return over(deps, read, endOf(remote));
  const now = Date.now();
  const { cancelledAt, cancelRequestedAt } = job;
  if (cancelledAt) {
    if (now - cancelledAt.getTime() < options.cancelGraceMs)
      return wait(deps, read, remote, Math.min(CANCELLING_MS, options.pollMs));
    return over(deps, read, { outcome: 'stuck', problem: 'It was cancelled and did not end.' });
  }
  if (!cancelRequestedAt && now < job.deadline.getTime()) return wait(deps, read, remote, options.pollMs);
  log.warn('batch.cancelled', { job: read.id, asked: cancelRequestedAt !== undefined, state: remote.state });
  await api.cancel(job.name ?? '', signal).catch((error: unknown) => {
    // Over already: the next look sees how.
    if (!isFailure(error, 'MODEL_REJECTED_REQUEST')) throw error;
  });
  const cancelled = await jobs.update(read, { state: 'cancelling', cancelledAt: new Date(now) });
  return { kind: 'wait', read: cancelled, untilMs: 0 };
}

const endOf = ({ state, output, problem, progress }: RemoteJob): Partial<ReadJob['job']> => ({
  outcome: state as 'succeeded' | 'failed' | 'cancelled' | 'expired',
  ...(output === undefined ? {} : { output }),
  ...(problem === undefined ? {} : { problem }),
  ...(progress === undefined ? {} : { progress }),
});

async function over(
  { jobs, log }: BatchDependencies,
  read: ReadJob,
  end: Partial<ReadJob['job']>,
): Promise<Watched> {
  log.info('batch.over', {
    job: read.id,
    outcome: end.outcome,
    ms: Date.now() - read.job.createdAt.getTime(),
  });
  return { kind: 'over', read: await jobs.update(read, { ...end, state: 'settling' }) };
}

async function wait(
  { jobs }: BatchDependencies,
  read: ReadJob,
  { progress }: RemoteJob,
  ms: number,
): Promise<Watched> {
  const kept = progress ? await jobs.update(read, { progress }) : read;
  return {
    kind: 'wait',
    read: kept,
    untilMs: Math.min(Date.now() + ms, Math.max(Date.now(), read.job.deadline.getTime())),
  };
}
