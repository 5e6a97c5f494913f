import type { Documents } from '../cloud/firestore/documents.ts';
import { dayOf, type NanoUsd, nanosOf, usdOf } from '../prices/units.ts';
import { allocationsPath, committed, readAllocations } from './budget-document.ts';
import { COUNTS, type Counts, shardsOf } from './spend-log.ts';
import { mapKeyOf } from './uploader-keys.ts';

/** What some images cost. US dollars; bytes of uploads and of the pictures made of them. */
export interface CostLine {
  images: number;
  cacheHits: number;
  calls: number;
  tokens: { prompt: number; image: number; cached: number; thoughts: number; output: number };
  usd: number;
  usdPer1000: number;
  /** Expected before the first call; the bill has repairs and climbs as well. */
  estimatedUsd: number;
  /** (bill - estimate) / estimate of answered calls, each held against its own estimate; null below 50 of them. */
  drift: number | null;
  driftFlagged: boolean;
  /** Answered calls whose tokens are known: what they were expected to cost and did. */
  compared: { calls: number; estimatedUsd: number; usd: number };
  /** Calls whose answer never came: their estimate, which is not in `usd`. */
  lostUsd: number;
  savedByCacheUsd: number;
  /** Against asking the top step of the ladder at once. */
  savedByLadderUsd: number;
  savedBytes: number;
}

interface DayBudget {
  day: string;
  limitUsd: number;
  /** Spent, or held for calls under way. */
  committedUsd: number;
}

export interface CostReport {
  from: string;
  until: string;
  total: CostLine;
  days: Record<string, CostLine>;
  profiles: Record<string, CostLine>;
  models: Record<string, CostLine>;
  uploaders: Record<string, CostLine>;
  /** The pipeline's budget of the last day; null when nothing drew on one. */
  budget: DayBudget | null;
}

/** A larger drift than this means that prices or estimates need looking at. */
const DRIFT_LIMIT = 0.1;
/** An instance guesses the length of its first answers; fewer calls say more of that than of prices. */
const COMPARABLE_CALLS = 50;

const MAX_SHARDS = 1_000;
const DAY_MS = 86_400_000;

/** Sums the spend log of the days from `from` until `until`, both included, in UTC. One read per instance and day. */
export async function costReport(documents: Documents, from: string, until: string): Promise<CostReport> {
  const days = daysBetween(from, until);
  const sums = {
    total: {} as Counts,
    days: new Groups(),
    profiles: new Groups(),
    models: new Groups(),
    uploaders: new Groups(),
  };
  for (const day of days) {
    for (const { data } of await documents.query(shardsOf(day), { limit: MAX_SHARDS })) {
      add(sums.total, data['total']);
      sums.days.add(day, data['total']);
      sums.profiles.addAll(data['profiles']);
      sums.models.addAll(data['models']);
      sums.uploaders.addAll(data['uploaders']);
    }
  }
  return {
    from,
    until,
    total: lineOf(sums.total),
    days: sums.days.lines(),
    profiles: sums.profiles.lines(),
    models: sums.models.lines(),
    uploaders: sums.uploaders.lines(),
    budget: await budgetOf(documents, until),
  };
}

/**
 * The same of one uploader alone: the spend log splits what it spent by day, not by profile and model, and the
 * pipeline's budget is not its own.
 */
export async function uploaderCostReport(
  documents: Documents,
  from: string,
  until: string,
  uploader: string,
): Promise<CostReport> {
  const key = mapKeyOf(uploader);
  const total: Counts = {};
  const days = new Groups();
  for (const day of daysBetween(from, until)) {
    for (const { data } of await documents.query(shardsOf(day), { limit: MAX_SHARDS })) {
      const counts = (data['uploaders'] as Record<string, unknown> | undefined)?.[key];
      add(total, counts);
      days.add(day, counts);
    }
  }
  const line = lineOf(total);
  return {
    from,
    until,
    total: line,
    days: days.lines(),
    profiles: {},
    models: {},
    uploaders: line.images + line.calls > 0 ? { [key]: line } : {},
    budget: null,
  };
}

async function budgetOf(documents: Documents, day: string): Promise<DayBudget | null> {
  const stored = await documents.get(allocationsPath('pipeline', day));
  if (!stored) return null;
  const document = readAllocations(stored);
  return { day, limitUsd: usdOf(document.limitNanoUsd), committedUsd: usdOf(committed(document)) };
}

function daysBetween(from: string, until: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(until); at += DAY_MS) days.push(dayOf(at));
  return days;
}

/** Sums by name. */
class Groups {
  readonly #sums = new Map<string, Counts>();

  add(name: string, counts: unknown): void {
    const sum = this.#sums.get(name) ?? {};
    add(sum, counts);
    this.#sums.set(name, sum);
  }

  addAll(groups: unknown): void {
    for (const [name, counts] of Object.entries((groups ?? {}) as object)) this.add(name, counts);
  }

  lines(): Record<string, CostLine> {
    return Object.fromEntries([...this.#sums].map(([name, counts]) => [name, lineOf(counts)]));
  }
}

function add(sum: Counts, counts: unknown): void {
  const more = (counts ?? {}) as Counts;
  for (const name of COUNTS) sum[name] = (sum[name] ?? 0) + (more[name] ?? 0);
}

function lineOf(counts: Counts): CostLine {
  const of = (name: (typeof COUNTS)[number]): number => counts[name] ?? 0;
  const nanos: NanoUsd = of('nanoUsd');
  const expected = of('comparedEstimateNanoUsd');
  const isComparable = of('comparedCalls') >= COMPARABLE_CALLS && expected > 0;
  const drift = isComparable ? (of('comparedNanoUsd') - expected) / expected : null;
  return {
    images: of('images'),
    cacheHits: of('cacheHits'),
    calls: of('calls'),
    tokens: {
      prompt: of('promptTokens'),
      image: of('imageTokens'),
      cached: of('cachedTokens'),
      thoughts: of('thoughtTokens'),
      output: of('outputTokens'),
    },
    usd: usdOf(nanos),
    usdPer1000: of('images') > 0 ? usdOf(Math.round((nanos * 1000) / of('images'))) : 0,
    estimatedUsd: usdOf(of('estimatedNanoUsd')),
    drift,
    driftFlagged: drift !== null && Math.abs(drift) > DRIFT_LIMIT,
    compared: {
      calls: of('comparedCalls'),
      estimatedUsd: usdOf(expected),
      usd: usdOf(of('comparedNanoUsd')),
    },
    lostUsd: usdOf(of('lostNanoUsd')),
    savedByCacheUsd: usdOf(of('savedByCacheNanoUsd')),
    savedByLadderUsd: of('topStepNanoUsd') > 0 ? usdOf(of('topStepNanoUsd') - nanos) : 0,
    savedBytes: of('bytesIn') - of('bytesOut'),
  };
}

/** Dollars that are left of a day's budget. */
export const leftOf = ({ limitUsd, committedUsd }: DayBudget): number =>
  usdOf(Math.max(0, nanosOf(limitUsd) - nanosOf(committedUsd)));
