import { ALARMING_CODES, FAILURES, type FailureCode } from '../base/errors/codes.ts';
import { nearestRank } from '../base/nearest-rank.ts';
import type { Documents } from '../cloud/firestore/documents.ts';
import { modelsAsked } from '../profiles/decision-step.ts';
import { allProfiles } from '../profiles/index.ts';
import { STAGE_TIMES, type Stats } from './api/figures.ts';
import { isModelCall } from './attempts.ts';
import type { ResultDocument } from './document.ts';
import type { Control, Target } from './pauses.ts';
import type { ResultReader } from './reading.ts';
import { readSatisfaction } from './satisfaction.ts';
import { isTerminal } from './statuses.ts';

/** Where the figures of the overview come from. */
export interface OverviewSources {
  reader: Pick<ResultReader, 'counts' | 'list'>;
  control: Pick<Control, 'pauseOf'>;
  documents: Pick<Documents, 'get'>;
  /** Newest results that the figures are of. */
  sample: number;
}

/** Counts, figures of the newest results (of one uploader or of all), and what is paused now. Throws STORE_UNAVAILABLE. */
export async function readOverview(
  { reader, control, documents, sample }: OverviewSources,
  uploader?: string,
): Promise<Stats> {
  const [counts, page, paused, satisfaction] = await Promise.all([
    reader.counts(uploader),
    reader.list({ limit: sample, ...(uploader === undefined ? {} : { uploader }) }),
    pauses(control),
    uploader === undefined ? readSatisfaction(documents) : undefined,
  ]);
  return {
    at: new Date(Date.now()).toISOString(),
    counts,
    sample: statisticsOf(page.results.map(({ document }) => document)),
    paused,
    ...(satisfaction ? { satisfaction } : {}),
  };
}

async function pauses(control: OverviewSources['control']): Promise<Stats['paused']> {
  const targets: Target[] = ['pipeline', ...modelsAsked(allProfiles()).map((model) => ({ model }))];
  const found = await Promise.all(
    targets.map(async (target) => ({ target, pause: await control.pauseOf(target) })),
  );
  return found.flatMap(({ target, pause }) =>
    pause
      ? [
          {
            target: target === 'pipeline' ? target : target.model,
            until: Number.isFinite(pause.until) ? new Date(pause.until).toISOString() : null,
            code: pause.code,
            reason: pause.reason,
          },
        ]
      : [],
  );
}

type Sample = Stats['sample'];
type Latency = Sample['latency'][(typeof STAGE_TIMES)[number]];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Figures of some results; shares and averages of nothing are null. */
function statisticsOf(documents: readonly ResultDocument[]): Sample {
  const ended = documents.filter(({ status }) => isTerminal(status));
  const completed = documents.filter(({ status }) => status === 'completed');
  // A replay is another wait than that for an upload.
  const uploads = completed.filter(({ replayedAt }) => replayedAt === undefined);
  const made = documents.map(({ createdAt }) => createdAt.getTime());
  const costs = completed.map(({ cost }) => cost?.usd ?? 0);
  return {
    images: documents.length,
    from: made.length > 0 ? new Date(Math.min(...made)).toISOString() : null,
    until: made.length > 0 ? new Date(Math.max(...made)).toISOString() : null,
    ended: ended.length,
    successRate: ended.length > 0 ? completed.length / ended.length : null,
    latency: Object.fromEntries(
      STAGE_TIMES.map((stage) => [stage, latencyOf(uploads.map(({ timings }) => timings[stage]))]),
    ) as Sample['latency'],
    costUsdPer1000: costs.length > 0 ? (sum(costs) / costs.length) * 1000 : null,
    cacheHits: completed.filter(({ attempts }) => attempts.slice(-1).some((last) => !isModelCall(last)))
      .length,
    savedByCacheUsd: sum(completed.map(({ cost }) => cost?.savedByCacheUsd ?? 0)),
    failures: failuresOf(documents),
  };
}

/** How an image without an answer stands there, where that has a reason. */
const WITHOUT_ANSWER = ['failed', 'refused', 'parked'] as const;
type WithoutAnswer = (typeof WITHOUT_ANSWER)[number];

/** What kept images from their answer, the most frequent first; shares are of the images that ended or are parked. */
function failuresOf(documents: readonly ResultDocument[]): Sample['failures'] {
  const settled = documents.filter(({ status }) => isTerminal(status) || status === 'parked').length;
  const found = new Map<string, { code: FailureCode; status: WithoutAnswer; images: number }>();
  for (const { status, failure } of documents) {
    const known = WITHOUT_ANSWER.find((one) => one === status);
    if (!known || !failure) continue;
    const key = `${known} ${failure.code}`;
    const row = found.get(key) ?? { code: failure.code, status: known, images: 0 };
    found.set(key, { ...row, images: row.images + 1 });
  }
  return [...found.values()]
    .map((row) => ({
      ...row,
      hint: FAILURES[row.code].hint,
      share: row.images / settled,
      alarming: ALARMING_CODES.includes(row.code),
    }))
    .toSorted((a, b) => b.images - a.images || a.code.localeCompare(b.code));
}

function latencyOf(values: readonly (number | undefined)[]): Latency {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return {
    images: sorted.length,
    averageMs: sum(sorted) / sorted.length,
    p50Ms: nearestRank(sorted, 0.5),
    p95Ms: nearestRank(sorted, 0.95),
    p99Ms: nearestRank(sorted, 0.99),
  };
}
