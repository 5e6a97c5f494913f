import type { Check } from '../shared/profiles/checks.ts';
import type { Profile } from '../shared/profiles/define.ts';
import type { AnswerForm } from './cells.ts';
import type { LadderChoice } from './ladders.ts';
import type { Label, Outcome, Scored } from './outcomes.ts';
import { type LadderFigures, ladderFigures, type Recommendation, recommend } from './recommend.ts';
import {
  type DocumentErrors,
  errorsOf,
  paretoFront,
  scoreAll,
  type VariantFigures,
  variantFigures,
} from './report.ts';
import type { Variant } from './variants.ts';

/** All that a run says; report.json is this. Shares 0..1, costs US dollars, times milliseconds. */
export interface Evaluation {
  kind: 'evaluation';
  /** Raised when a reader of older files would misread one. */
  format: 1;
  /** ISO 8601. */
  at: string;
  profile: { name: string; version: number; digest?: string };
  /** For people: who answered. */
  answeredBy: string;
  /** False: nobody charged for it; the prices are those that Gemini would have. */
  isBilled: boolean;
  labels: number;
  repeats: number;
  /** The accuracy that was asked for. */
  target: number;
  /** Of all questions in the report. */
  usd: number;
  variants: VariantFigures[];
  /** Names of the variants that no other one beats in both accuracy and price, cheapest first. */
  pareto: string[];
  /** The profile's own ladder, where each of its steps was asked. */
  today?: LadderFigures;
  recommendation?: Recommendation;
  /** What was wrong, the worst first. */
  documents: DocumentErrors[];
}

interface Evaluated {
  profile: Pick<Profile, 'name' | 'version' | 'digest' | 'ladder' | 'maxSide' | 'minConfidence'> & {
    checks?: readonly Check[];
  };
  form: AnswerForm;
  labels: readonly Label[];
  variants: readonly Variant[];
  outcomes: readonly Outcome[];
  repeats: number;
  target: number;
  answeredBy: string;
  isBilled: boolean;
  atMs: number;
}

export function evaluate(run: Evaluated): Evaluation {
  const { profile, variants, target, repeats, answeredBy, isBilled } = run;
  const { name, version, digest, checks = [] } = profile;
  const all = scoreAll(run.outcomes, run.labels, run.form);
  const figures = variants.map((variant) => variantFigures(variant, all, target));
  const today = ladderOf(run, all);
  const recommendation = recommend(all, variants, checks, target);
  return {
    ...{ kind: 'evaluation', format: 1, at: new Date(run.atMs).toISOString() },
    profile: { name, version, ...(digest === undefined ? {} : { digest }) },
    ...{ answeredBy, isBilled, labels: run.labels.length, repeats, target },
    usd: run.outcomes.reduce((sum, { costUsd }) => sum + costUsd, 0),
    variants: figures,
    pareto: paretoFront(figures).map(({ id }) => id),
    ...(today ? { today } : {}),
    ...(recommendation ? { recommendation } : {}),
    documents: errorsOf(all),
  };
}

/** The profile's ladder in the standard lane; of several models of a step the first. */
function ladderOf(
  { profile, variants }: Pick<Evaluated, 'profile' | 'variants'>,
  all: readonly Scored[],
): LadderFigures | undefined {
  const { ladder, maxSide, minConfidence, checks = [] } = profile;
  const steps = ladder.flatMap(
    (step) =>
      variants.find(
        (variant) =>
          variant.lane === 'standard' &&
          variant.maxSide === maxSide &&
          variant.step.models[0] === step.models[0] &&
          variant.step.mediaResolution === step.mediaResolution &&
          variant.step.thinkingLevel === step.thinkingLevel,
      )?.id ?? [],
  );
  if (steps.length < ladder.length) return undefined;
  const climbing = checks.filter(({ reportsOnly }) => !reportsOnly).map((check) => check.name);
  const choice: LadderChoice = { steps, minConfidence, climbing };
  return ladderFigures(choice, variants, all, checks);
}
