import type { Log } from '../../shared/base/log.ts';
import { type NanoUsd, usdOf } from '../../shared/prices/units.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import type { Control } from '../../shared/results/pauses.ts';
import { isUnderWay, type ReadResult } from '../../shared/results/recovery/recovery.ts';
import { type ResumeDependencies, resume } from '../../shared/results/recovery/resume.ts';
import { patienceInQueue } from './queue.ts';
import { executionsPerImage } from './runaway.ts';

interface SweepDependencies extends ResumeDependencies {
  control: Pick<Control, 'pauseOf' | 'pause' | 'liftedAt'>;
  /** Gives back what instances that are gone held of the day's budgets; nano-dollars. */
  reclaimBudgets: () => Promise<NanoUsd>;
  log: Log;
  /** A run takes up at most this many images, and no further one after `timeLimitMs`. */
  limit: number;
  concurrency: number;
  /** What counts as recent; an image that waits in a long queue is looked at again after this time. Milliseconds. */
  staleMs: number;
  timeLimitMs: number;
  runaway: { ratio: number; windowMs: number; sample: number; pauseMs: number };
}

/** What one run did. */
interface SweepReport {
  /** Images whose time had come. */
  due: number;
  resumed: { resize: number; analyze: number };
  /** Not longer here than the others wait: looked at again later. */
  waiting: number;
  /** Another run, or their owner, was faster. */
  changed: number;
  /** Could not be resumed now; they fall due again. */
  failed: number;
  /** Documents of a shape that this version does not know. */
  unreadable: number;
  /** Whether images are left for the next run. */
  more: boolean;
  paused: boolean;
  executionsPerImage: number | null;
  reclaimedUsd: number;
}

const PAGE = 100;

/** Takes up the images that nothing happens to any more, whatever the reason. Running it twice at once does no harm. */
export const createSweep =
  (deps: SweepDependencies) =>
  async (signal: AbortSignal): Promise<SweepReport> => {
    const recent = (await recentImages(deps)).map(({ document }) => document);
    const report: SweepReport = {
      due: 0,
      resumed: { resize: 0, analyze: 0 },
      waiting: 0,
      changed: 0,
      failed: 0,
      unreadable: 0,
      more: false,
      paused: false,
      executionsPerImage: await checkRunaway(deps, recent),
      reclaimedUsd: usdOf(await deps.reclaimBudgets()),
    };
    // What is resumed during a pause would only be parked again.
    report.paused = (await deps.control.pauseOf('pipeline')) !== undefined;
    if (!report.paused)
      await resumeDue(deps, report, patienceInQueue(recent, Date.now() - deps.staleMs), signal);
    deps.log.info('sweep.done', { ...report });
    return report;
  };

const recentImages = ({ recovery, runaway }: SweepDependencies): Promise<ReadResult[]> =>
  recovery.changedSince(Date.now() - runaway.windowMs, runaway.sample);

async function resumeDue(
  deps: SweepDependencies,
  report: SweepReport,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const endsAt = Date.now() + deps.timeLimitMs;
  // Fixed, so that what falls due during the run waits for the next one.
  const now = Date.now();
  let after: readonly unknown[] | undefined;
  do {
    const page = await deps.recovery.due(now, Math.min(PAGE, deps.limit - report.due), after);
    if (page.unreadable.length > 0) deps.log.warn('sweep.unreadable', { ids: page.unreadable });
    report.unreadable += page.unreadable.length;
    await inParallel(page.results, deps.concurrency, (result) => resumeOne(deps, report, result, patienceMs));
    report.due += page.results.length;
    after = page.next;
    report.more = after !== undefined;
  } while (after && report.due < deps.limit && Date.now() < endsAt && !signal.aborted);
}

async function resumeOne(
  deps: SweepDependencies,
  report: SweepReport,
  result: ReadResult,
  patienceMs: number,
): Promise<void> {
  const { id, document } = result;
  try {
    if (!isUnderWay(document)) {
      await deps.recovery.forget(result);
      return;
    }
    const waitsUntil = document.updatedAt.getTime() + patienceMs;
    if (document.status !== 'parked' && waitsUntil > Date.now()) {
      await deps.recovery.postpone(result, Math.min(waitsUntil, Date.now() + deps.staleMs));
      report.waiting += 1;
      return;
    }
    const outcome = await resume(deps, result);
    if (outcome === 'changed') report.changed += 1;
    else report.resumed[outcome] += 1;
    deps.log.info('sweep.resumed', {
      id,
      was: document.status,
      outcome,
      stoodMs: Date.now() - document.updatedAt.getTime(),
    });
  } catch (error) {
    report.failed += 1;
    deps.log.error('sweep.failed', error, { id });
  }
}

/** Pauses the pipeline when images are executed over and over: each round may cost a model call. */
async function checkRunaway(
  { runaway, control, log }: SweepDependencies,
  recent: readonly ResultDocument[],
): Promise<number | null> {
  const isRunaway = (ratio: number | null): ratio is number =>
    runaway.ratio > 0 && ratio !== null && ratio > runaway.ratio;
  const all = executionsPerImage(recent);
  // Nothing from before a lifted pause counts: the operator knew it.
  const ratio = isRunaway(all) ? executionsPerImage(recent, await control.liftedAt('pipeline')) : all;
  if (!isRunaway(ratio)) return ratio;
  const reason = `Of late, pictures were executed ${ratio.toFixed(1)} times each; more than ${runaway.ratio} is a runaway. Look at the logs, then lift the pause.`;
  log.error('pipeline.runaway', new Error(reason), { ratio, images: recent.length });
  await control.pause('pipeline', {
    until: Date.now() + runaway.pauseMs,
    code: 'PIPELINE_PAUSED',
    reason,
  });
  return ratio;
}

async function inParallel<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
