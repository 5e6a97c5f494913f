import { nearestRank } from '../shared/base/nearest-rank.ts';
import type { Check } from '../shared/profiles/checks.ts';
import type { Scored } from './outcomes.ts';
import { type LadderRules, type Replayed, replay } from './replay.ts';

/** A ladder that can be replayed: variants from cheap to dear, and the rules between them. */
export interface LadderChoice {
  /** Names of variants of one side and lane. */
  steps: readonly string[];
  minConfidence: number;
  /** Checks whose breach makes a picture climb; the others are noted only. */
  climbing: readonly string[];
}

/** What is recorded about one document and repeat, by variant. */
export type Sample = ReadonlyMap<string, Scored>;

/** Documents and repeats for which every one of these variants was asked. */
export function samplesOf(all: readonly Scored[], variants: readonly string[]): Sample[] {
  const samples = Map.groupBy(all, ({ label, repeat }) => `${repeat} ${label}`);
  return [...samples.values()]
    .map((its) => new Map(its.map((one) => [one.variant, one])))
    .filter((sample) => variants.every((variant) => sample.has(variant)));
}

/** More of them are not worth their waiting time, nor a check of every combination. */
const MAX_STEPS = 3;
const MAX_THRESHOLDS = 12;
const MAX_COMBINED_CHECKS = 4;

/** Every ladder worth trying of variants that can stand in one: cheaper steps first, each once. */
export function candidatesOf(
  cheapestFirst: readonly string[],
  samples: readonly Sample[],
  checks: readonly Check[],
): LadderChoice[] {
  const climbing = checkSets(checks.filter(({ reportsOnly }) => !reportsOnly).map(({ name }) => name));
  return ordered(cheapestFirst, MAX_STEPS).flatMap((steps) => {
    // With one step there is nowhere to climb: no rule changes anything.
    if (steps.length === 1) return [{ steps, minConfidence: 0, climbing: climbing[0] ?? [] }];
    return thresholds(steps.slice(0, -1), samples).flatMap((minConfidence) =>
      climbing.map((names) => ({ steps, minConfidence, climbing: names })),
    );
  });
}

/** All selections that keep the order, of 1 to `most`. */
function ordered(names: readonly string[], most: number): string[][] {
  const [first, ...rest] = names;
  if (first === undefined || most === 0) return [];
  return [[first], ...ordered(rest, most - 1).map((steps) => [first, ...steps]), ...ordered(rest, most)];
}

/** Of a few checks every selection, of many all, none, and all but one. */
function checkSets(names: readonly string[]): string[][] {
  if (names.length > MAX_COMBINED_CHECKS)
    return [[...names], [], ...names.map((left) => names.filter((name) => name !== left))];
  const [first, ...others] = names;
  if (first === undefined) return [[]];
  const without = checkSets(others);
  return [...without.map((set) => [first, ...set]), ...without];
}

/** Confidences between which the answers of these steps part; 0 takes every answer. */
function thresholds(steps: readonly string[], samples: readonly Sample[]): number[] {
  const stated = samples.flatMap((sample) =>
    steps.flatMap((step) => {
      const ending = sample.get(step)?.ending;
      return ending?.kind === 'answered' && ending.confidence !== null ? [ending.confidence] : [];
    }),
  );
  const levels = [...new Set(stated.map((one) => Math.round(one * 100) / 100))].sort((a, b) => a - b);
  const chosen =
    levels.length <= MAX_THRESHOLDS
      ? levels
      : Array.from({ length: MAX_THRESHOLDS }, (_, i) => nearestRank(levels, (i + 1) / MAX_THRESHOLDS));
  return [...new Set([0, ...chosen])];
}

/** What a ladder makes of each sample. */
export function replayAll(
  samples: readonly Sample[],
  { steps, minConfidence, climbing }: LadderChoice,
  checks: readonly Check[],
): (Replayed & { label: string })[] {
  const reporting = new Set(checks.map(({ name }) => name).filter((name) => !climbing.includes(name)));
  const rules: LadderRules = { minConfidence, reporting };
  return samples.map((sample) => {
    const recorded = steps.flatMap((step) => sample.get(step) ?? []);
    return { ...replay(recorded, rules, checks), label: recorded[0]?.label ?? '' };
  });
}
