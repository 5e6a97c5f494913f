import { percentile } from '../report.ts';
import type { Driven } from './drive.ts';
import { type Level, nameOf } from './options.ts';
import { latencyOf, type Sample, STAGES, type Stage } from './sample.ts';

/** Milliseconds. */
interface Distribution {
  average: number;
  p50: number;
  p95: number;
  p99: number;
}

export interface LevelSummary {
  name: string;
  level: Level;
  sent: number;
  succeeded: number;
  /** By code. */
  failed: Record<string, number>;
  total: Distribution;
  stages: Record<Stage, Distribution>;
  /** Ends per second, of any kind; and of those, successes within the target. */
  perSecond: number;
  goodPerSecond: number;
  /** Model calls beyond the first of each picture. */
  retries: number;
  tokens: number;
  usdPer1000: number;
  saturated: boolean;
  warmUp: number;
}

/** Failures count in throughput and in latency: a pipeline that refuses quickly must not look quick. */
export function summarize(level: Level, driven: Driven, targetMs: number): LevelSummary {
  const { samples, saturated, warmUp } = driven;
  const succeeded = samples.filter(({ outcome }) => outcome === 'completed');
  const good = succeeded.filter((sample) => latencyOf(sample) <= targetMs);
  const seconds = spanSeconds(samples);
  const total = (pick: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + pick(sample), 0);
  const stage = (name: Stage) => distribution(samples.flatMap(({ stages }) => stages[name] ?? []));
  return {
    name: nameOf(level),
    level,
    sent: samples.length,
    succeeded: succeeded.length,
    failed: countFailures(samples),
    total: distribution(samples.map(latencyOf)),
    stages: Object.fromEntries(STAGES.map((name) => [name, stage(name)])) as Record<Stage, Distribution>,
    perSecond: samples.length / seconds,
    goodPerSecond: good.length / seconds,
    retries: total(({ calls }) => Math.max(0, calls - 1)),
    tokens: total(({ tokens }) => tokens),
    usdPer1000: samples.length === 0 ? 0 : (total(({ usd }) => usd) / samples.length) * 1_000,
    saturated,
    warmUp,
  };
}

function distribution(values: readonly number[]): Distribution {
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    average,
    p50: percentile(values, 50),
    p95: percentile(values, 95),
    p99: percentile(values, 99),
  };
}

/** From when the first was due to the last end. */
function spanSeconds(samples: readonly Sample[]): number {
  const from = Math.min(...samples.map(({ dueAt }) => dueAt));
  const to = Math.max(...samples.map(({ endedAt }) => endedAt));
  return (to - from) / 1_000;
}

function countFailures(samples: readonly Sample[]): Record<string, number> {
  const failed: Record<string, number> = {};
  for (const { outcome } of samples) {
    if (outcome !== 'completed') failed[outcome] = (failed[outcome] ?? 0) + 1;
  }
  return failed;
}
