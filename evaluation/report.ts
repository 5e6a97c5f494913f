import { nearestRank } from '../shared/base/nearest-rank.ts';
import type { Lane } from '../shared/prices/lanes.ts';
import { boxAt, type ValueBox } from '../shared/results/value-boxes.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import type { AnswerForm } from './cells.ts';
import { type Confusion, confusionsOf, type FieldFigures, fieldFigures } from './fields.ts';
import { type Estimate, intervalOf, meanOf } from './interval.ts';
import { type Ending, type Label, type Outcome, type Scored, scored } from './outcomes.ts';
import type { Variant } from './variants.ts';

/** How one variant did. Shares 0..1, costs US dollars, times milliseconds. */
export interface VariantFigures {
  id: string;
  model: string;
  mediaResolution: string;
  thinkingLevel: string;
  maxSide: number;
  lane: Lane;
  /** Asked; those without an answer are among them. */
  questions: number;
  answered: number;
  /** Without an answer in the form asked for, after the repair round. */
  invalid: number;
  /** Without an answer for any other reason. */
  failed: number;
  /** By failure code. */
  failures: Record<string, number>;
  /** Mean of the documents' F1; a document without an answer counts 0. */
  score: Estimate;
  /** Share of the documents in which every cell is right. */
  exactDocuments: Estimate;
  fields: FieldFigures[];
  calibration?: Calibration;
  confusions: Confusion[];
  /** For the places of the values, by their share of each reply; among `tokens` and `usdPer1000`. */
  evidence?: { prompt: number; output: number; usdPer1000: number; boxesPerAnswer: number };
  tokens: { prompt: number; image: number; cached: number; thoughts: number; output: number };
  usdPer1000: number;
  latencyMs: { p50: number; p95: number };
  /** Beyond one a question: repetitions and repair rounds. */
  callsPerQuestion: number;
}

/** What was wrong with one answer. */
export interface DocumentErrors {
  variant: string;
  label: string;
  repeat: number;
  score: number;
  /** The failure code where there is no answer. */
  failure?: string;
  /** `box`: where the given value was read, where the profile asks for that. */
  wrong: { field: string; at: string; expected: unknown; given: unknown; box?: ValueBox }[];
}

const MAX_CONFUSIONS = 20;
const DECIMALS = 1e9;

export const scoreAll = (
  outcomes: readonly Outcome[],
  labels: readonly Label[],
  form: AnswerForm,
): Scored[] => {
  const byName = new Map(labels.map((label) => [label.name, label]));
  return outcomes.flatMap((outcome) => {
    const label = byName.get(outcome.label);
    return label ? [scored(outcome, label, form)] : [];
  });
};

/** The figures of one variant; `wanted` is the share of right answers that a threshold of confidence is sought for. */
export function variantFigures(variant: Variant, all: readonly Scored[], wanted: number): VariantFigures {
  const own = all.filter((one) => one.variant === variant.id);
  const { step, maxSide, lane, id } = variant;
  const failures = own.flatMap(({ ending }) => (ending.kind === 'failed' ? [ending.code] : []));
  const invalid = failures.filter((code) => code === 'MODEL_INVALID_ANSWER').length;
  const calibration = calibrationOf(own, wanted);
  const latencies = own.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    id,
    model: step.models[0],
    mediaResolution: step.mediaResolution,
    thinkingLevel: step.thinkingLevel,
    maxSide,
    lane,
    questions: own.length,
    answered: own.length - failures.length,
    invalid,
    failed: failures.length - invalid,
    failures: Object.fromEntries(
      [...Map.groupBy(failures, (code) => code)].map(([code, its]) => [code, its.length]),
    ),
    score: intervalOf(byDocument(own, ({ score }) => score)),
    exactDocuments: intervalOf(byDocument(own, ({ isExact }) => (isExact ? 1 : 0))),
    fields: fieldFigures(own),
    ...(calibration ? { calibration } : {}),
    confusions: confusionsOf(own, MAX_CONFUSIONS),
    ...evidencePerQuestion(own),
    tokens: tokensPerQuestion(own),
    usdPer1000: rounded(meanOf(own.map(({ costUsd }) => costUsd)) * 1_000),
    latencyMs: { p50: nearestRank(latencies, 0.5), p95: nearestRank(latencies, 0.95) },
    callsPerQuestion: meanOf(own.map(({ calls }) => calls)),
  };
}

/** Without the tails of floating point. */
const rounded = (value: number): number => Math.round(value * DECIMALS) / DECIMALS;

/** One value a document: the mean of its repeats. */
export const byDocument = <T extends { label: string }>(
  all: readonly T[],
  value: (one: T) => number,
): number[] => [...Map.groupBy(all, ({ label }) => label).values()].map((its) => meanOf(its.map(value)));

function evidencePerQuestion(own: readonly Scored[]): Pick<VariantFigures, 'evidence'> {
  const asked = own.flatMap(({ evidence }) => (evidence ? [evidence] : []));
  if (asked.length === 0) return {};
  const boxes = own.flatMap(({ ending }) =>
    ending.kind === 'answered' ? [ending.evidence?.length ?? 0] : [],
  );
  return {
    evidence: {
      prompt: Math.round(meanOf(asked.map(({ prompt }) => prompt))),
      output: Math.round(meanOf(asked.map(({ output }) => output))),
      usdPer1000: rounded(meanOf(asked.map(({ usd }) => usd)) * 1_000),
      boxesPerAnswer: boxes.length === 0 ? 0 : meanOf(boxes),
    },
  };
}

function tokensPerQuestion(own: readonly Scored[]): VariantFigures['tokens'] {
  const used = own.flatMap(({ tokens }) => (tokens ? [tokens] : []));
  const mean = (key: keyof VariantFigures['tokens']): number =>
    used.length === 0 ? 0 : Math.round(meanOf(used.map((tokens) => tokens[key])));
  return {
    prompt: mean('prompt'),
    image: mean('image'),
    cached: mean('cached'),
    thoughts: mean('thoughts'),
    output: mean('output'),
  };
}

/** What is wrong, document by document: the worst first. */
export const errorsOf = (all: readonly Scored[]): DocumentErrors[] =>
  all
    .filter(({ isExact }) => !isExact)
    .map(({ variant, label, repeat, score, ending, cells }) => ({
      ...{ variant, label, repeat, score },
      ...(ending.kind === 'failed' ? { failure: ending.code } : {}),
      wrong: cells
        .filter(({ verdict }) => verdict !== 'right' && verdict !== 'empty')
        .map(({ field, at, givenAt = at, expected, given }) => ({
          ...{ field, at, expected, given },
          ...placeOf(ending, givenAt),
        })),
    }))
    .sort((a, b) => a.score - b.score);

function placeOf(ending: Ending, at: string): { box?: ValueBox } {
  const box = ending.kind === 'answered' ? boxAt(ending.evidence ?? [], at) : undefined;
  return box ? { box } : {};
}

/** Variants that no other one beats in both accuracy and price, cheapest first. */
export const paretoFront = <T extends { usdPer1000: number; score: Estimate }>(all: readonly T[]): T[] =>
  all
    .filter(
      (one) =>
        !all.some(
          (other) =>
            other !== one &&
            other.usdPer1000 <= one.usdPer1000 &&
            other.score.mean >= one.score.mean &&
            (other.usdPer1000 < one.usdPer1000 || other.score.mean > one.score.mean),
        ),
    )
    .sort((a, b) => a.usdPer1000 - b.usdPer1000);
