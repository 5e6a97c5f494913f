import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { costReport } from '../../shared/money/report.ts';
import { LANES, type Lane } from '../../shared/prices/lanes.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import type { BilledCall } from './calls.ts';
import { countBy } from './outcome.ts';
import { pictureKey } from './population.ts';

/** Of one lane, in micro-dollars. */
interface LaneMoney {
  /** By the simulator. */
  billed: number;
  /** By the spend log. */
  booked: number;
  /** Billed for calls whose caller was killed or gave up before the answer was there. */
  unheard: number;
  /** Billed, heard and not booked because a kill came before the answer was stored: at most this much. */
  cut: number;
  /** What is left: must be 0 in every lane. Negative: more was booked than billed. */
  unexplained: number;
}

export interface Money {
  lanes: Partial<Record<Lane, LaneMoney>>;
  /** Of pictures that are there: answers that were heard and are in no row of the document, and that no kill explains. */
  unbookedCalls: string[];
  /** Grants of ended batch jobs that were not given back, and jobs that have not ended. */
  reservationsLeft: number;
  jobsUnsettled: number;
  jobs: Record<string, number>;
}

const MICRO = 1_000;

/** Holds what Google bills against what was booked, after the functions have ended and written all they kept. */
export async function readMoney(
  documents: Documents,
  calls: readonly BilledCall[],
  results: ReadonlyMap<string, ResultDocument>,
  startedAt: number,
): Promise<Money> {
  const { models } = await costReport(documents, dayOf(startedAt), dayOf(Date.now()));
  const lanes: Money['lanes'] = {};
  for (const lane of LANES) {
    const booked = Object.entries(models)
      .filter(([name]) => (name.split('/')[1] ?? 'standard') === lane)
      .reduce((sum, [, { usd }]) => sum + usd * 1e6, 0);
    const of = (holds: (call: BilledCall) => boolean) =>
      calls.filter((call) => call.lane === lane && holds(call)).reduce((sum, { nanos }) => sum + nanos, 0) /
      MICRO;
    const billed = of(() => true);
    if (billed === 0 && booked === 0) continue;
    const unheard = of(({ isUnheard }) => isUnheard);
    const cut = of(({ isUnheard, isCut }) => isCut && !isUnheard);
    const missing = billed - booked - unheard;
    const unexplained = missing < 0 ? missing : Math.max(0, missing - cut);
    lanes[lane] = {
      ...{ billed: whole(billed), booked: whole(booked), unheard: whole(unheard) },
      ...{ cut: whole(Math.min(cut, Math.max(0, missing))), unexplained: whole(unexplained) },
    };
  }
  const jobs = await new BatchJobs(documents, { leaseMs: 1 }).newest(10_000);
  return {
    lanes,
    unbookedCalls: unbooked(calls, results),
    reservationsLeft: await reservations(documents),
    jobsUnsettled: jobs.filter(({ job }) => job.state !== 'ended').length,
    jobs: countBy(jobs.map(({ job }) => job.outcome ?? job.state)),
  };
}

const whole = (micros: number): number => Math.round(micros);

function unbooked(calls: readonly BilledCall[], results: ReadonlyMap<string, ResultDocument>): string[] {
  const heard = Map.groupBy(
    // What a batch answered too late is booked without a row: its lane must come out even.
    calls.filter(({ isUnheard, lane }) => !isUnheard && lane !== 'batch'),
    ({ picture }) => picture,
  );
  return [...results].flatMap(([id, { prepared, attempts }]) => {
    const billed = (prepared && heard.get(pictureKey(prepared))) ?? [];
    const rows = attempts.filter(({ costUsd, lane }) => (costUsd ?? 0) > 0 && lane !== 'batch').length;
    const missing = billed.length - rows;
    const explained = billed.filter(({ isCut }) => isCut).length;
    if (missing >= 0 && missing <= explained) return [];
    return [`${id}: ${billed.length} answers were billed (${explained} cut off by kills), ${rows} booked`];
  });
}

async function reservations(documents: Documents): Promise<number> {
  const spend = await documents.query('spend', { limit: 1_000 });
  return spend.reduce((sum, { data }) => {
    const grants = (data['grants'] ?? {}) as Record<string, { expiresAt: unknown }>;
    const held = Object.entries(grants).filter(
      ([owner, { expiresAt }]) => owner.startsWith('batch-') && expiresAt !== null,
    );
    return sum + held.length;
  }, 0);
}
