import type { RequestHandler } from 'express';
import { allProfiles } from '../../../shared/profiles/index.ts';
import { STAGE_TIMES, type Stats } from '../../../shared/results/api/figures.ts';
import type { ResultDocument } from '../../../shared/results/document.ts';
import type { Control, Target } from '../../../shared/results/pauses.ts';
import type { ResultReader } from '../../../shared/results/reading.ts';
import { isTerminal } from '../../../shared/results/statuses.ts';
import { Remembered } from './remembered.ts';

interface StatsDependencies {
  reader: Pick<ResultReader, 'counts' | 'list'>;
  control: Pick<Control, 'pauseOf'>;
  /** Figures may be this old, in milliseconds. */
  cacheMs: number;
  /** Newest results that the figures are of. */
  sample: number;
}

/** `GET /v1/stats` */
export function showStats(deps: StatsDependencies): RequestHandler {
  const figures = new Remembered(() => read(deps), deps.cacheMs);
  return async (_request, response) => {
    response.set('Cache-Control', 'no-store').json(await figures.get());
  };
}

async function read({ reader, control, sample }: StatsDependencies): Promise<Stats> {
  const [counts, page, paused] = await Promise.all([
    reader.counts(),
    reader.list({ limit: sample }),
    pauses(control),
  ]);
  return {
    at: new Date(Date.now()).toISOString(),
    counts,
    sample: statisticsOf(page.results.map(({ document }) => document)),
    paused,
  };
}

const modelsInUse = (): string[] => [
  ...new Set(allProfiles().flatMap(({ ladder }) => ladder.flatMap(({ models }) => models))),
];

async function pauses(control: StatsDependencies['control']): Promise<Stats['paused']> {
  const targets: Target[] = ['pipeline', ...modelsInUse().map((model) => ({ model }))];
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

/** The nearest-rank percentile of sorted numbers, of which there is at least one. */
const percentile = (sorted: readonly number[], p: number): number =>
  sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? 0;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Figures of some results; shares and averages of nothing are null. */
function statisticsOf(documents: readonly ResultDocument[]): Sample {
  const ended = documents.filter(({ status }) => isTerminal(status));
  const completed = documents.filter(({ status }) => status === 'completed');
  const made = documents.map(({ createdAt }) => createdAt.getTime());
  const costs = completed.map(({ cost }) => cost?.usd ?? 0);
  return {
    images: documents.length,
    from: made.length > 0 ? new Date(Math.min(...made)).toISOString() : null,
    until: made.length > 0 ? new Date(Math.max(...made)).toISOString() : null,
    ended: ended.length,
    successRate: ended.length > 0 ? completed.length / ended.length : null,
    latency: Object.fromEntries(
      STAGE_TIMES.map((stage) => [stage, latencyOf(completed.map(({ timings }) => timings[stage]))]),
    ) as Sample['latency'],
    costUsdPer1000: costs.length > 0 ? (sum(costs) / costs.length) * 1000 : null,
    cacheHits: completed.filter(({ attempts }) => attempts.at(-1)?.outcome === 'cache').length,
    savedByCacheUsd: sum(completed.map(({ cost }) => cost?.savedByCacheUsd ?? 0)),
  };
}

function latencyOf(values: readonly (number | undefined)[]): Latency {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return {
    images: sorted.length,
    averageMs: sum(sorted) / sorted.length,
    p50Ms: percentile(sorted, 50),
    p95Ms: percentile(sorted, 95),
    p99Ms: percentile(sorted, 99),
  };
}
