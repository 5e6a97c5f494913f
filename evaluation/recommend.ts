import { seededRandom } from '../shared/base/seeded-random.ts';
import type { Check } from '../shared/profiles/checks.ts';
import { isDecisionStep } from '../shared/profiles/decision-step.ts';
import { type Estimate, intervalOf, meanOf } from './interval.ts';
import { candidatesOf, type LadderChoice, replayAll, type Sample, samplesOf } from './ladders.ts';
import type { Scored } from './outcomes.ts';
import { shuffled } from './random.ts';
import { byDocument } from './report.ts';
import type { Variant } from './variants.ts';

/** What a ladder did when it was replayed. Costs US dollars. */
export interface LadderFigures extends LadderChoice {
  maxSide: number;
  lane: string;
  score: Estimate;
  usdPer1000: number;
  /** Share of the pictures that were answered by each step. */
  answeredBy: number[];
}

export interface Recommendation {
  target: number;
  /** `too-few`: no word about the target can be had from so few labels. `none`: nothing reaches it. */
  verdict: 'reached' | 'uncertain' | 'missed' | 'none' | 'too-few';
  /** In a sentence. */
  says: string;
  /** The cheapest ladder that reaches the target, or the most accurate one. */
  ladder: LadderFigures;
  /** How ladders that were chosen on one half of the labels did on the other one, both ways. */
  verified: Estimate;
  /** Whether both halves chose the same ladder. */
  agreed: boolean;
  labels: number;
}

/** Below this a half has too few documents for an interval to mean anything. */
export const LEAST_LABELS = 30;
const SEED = 7;

interface Field {
  variants: readonly Variant[];
  samples: readonly Sample[];
  candidates: readonly LadderChoice[];
}

/**
 * The cheapest ladder whose mean score reaches the target, found by replaying recorded answers. Chosen on one half of
 * the labels it is verified on the other, and the other way round; the one that is named is chosen on all of them.
 * Undefined when there is nothing to choose from.
 */
export function recommend(
  all: readonly Scored[],
  variants: readonly Variant[],
  checks: readonly Check[],
  target: number,
): Recommendation | undefined {
  const fields = [...Map.groupBy(variants, ({ maxSide, lane }) => `${maxSide} ${lane}`).values()].map((own) =>
    fieldOf(own, all, checks),
  );
  const names = new Set(fields.flatMap(({ samples }) => samples.map(labelOf)));
  if (names.size === 0) return undefined;
  const chosen = cheapest(fields, checks, target);
  if (!chosen) return undefined;
  const halves = halvesOf([...names]);
  const trials = halves.map((half, i) => {
    const other = halves[1 - i] ?? new Set<string>();
    const choice = cheapest(
      fields.map((field) => within(field, half)),
      checks,
      target,
    );
    return choice && { choice, scores: scoresOf(choice, fields, other, checks) };
  });
  const verified = intervalOf(trials.flatMap((trial) => trial?.scores ?? []));
  const [first, second] = trials.map((trial) => trial && nameOf(trial.choice));
  const verdict = verdictOf(names.size, chosen, verified, target);
  return {
    target,
    verdict,
    says: sentenceOf(verdict, names.size, chosen, verified, target),
    ladder: chosen,
    verified,
    agreed: first === second,
    labels: names.size,
  };
}

function fieldOf(own: readonly Variant[], all: readonly Scored[], checks: readonly Check[]): Field {
  const ids = own.map(({ id }) => id);
  const samples = samplesOf(all, ids);
  const priceOf = new Map(
    ids.map((id) => [id, meanOf(samples.map((sample) => sample.get(id)?.costUsd ?? 0))]),
  );
  const decided = new Set(own.filter(({ step }) => isDecisionStep(step)).map(({ id }) => id));
  // A ladder begins with its decisions, whatever they cost.
  const cheapestFirst = ids.toSorted(
    (a, b) =>
      Number(decided.has(b)) - Number(decided.has(a)) || (priceOf.get(a) ?? 0) - (priceOf.get(b) ?? 0),
  );
  return { variants: own, samples, candidates: candidatesOf(cheapestFirst, samples, checks) };
}

const labelOf = (sample: Sample): string => [...sample.values()][0]?.label ?? '';

const within = (field: Field, labels: ReadonlySet<string>): Field => ({
  ...field,
  samples: field.samples.filter((sample) => labels.has(labelOf(sample))),
});

function halvesOf(names: readonly string[]): ReadonlySet<string>[] {
  const mixed = shuffled(names.toSorted(), seededRandom(SEED));
  const middle = Math.ceil(mixed.length / 2);
  return [new Set(mixed.slice(0, middle)), new Set(mixed.slice(middle))];
}

/** A dollar in a billion: what differs by less costs the same. */
const SAME_PRICE = 1e-9;

/** The cheapest of those that reach the target, of equals the more accurate, then the shorter; else the most accurate. */
function cheapest(
  fields: readonly Field[],
  checks: readonly Check[],
  target: number,
): LadderFigures | undefined {
  let best: { choice: LadderChoice; field: Field; cost: number; score: number } | undefined;
  for (const field of fields)
    for (const choice of field.candidates) {
      const replayed = replayAll(field.samples, choice, checks);
      const cost = meanOf(replayed.map(({ costUsd }) => costUsd));
      const score = meanOf(byDocument(replayed, (one) => one.score));
      if (!best || isBetter({ cost, score }, best, target)) best = { choice, field, cost, score };
    }
  return best && figuresOf(best.choice, best.field, checks);
}

function isBetter(
  one: { cost: number; score: number },
  other: { cost: number; score: number },
  target: number,
): boolean {
  const [reaches, otherReaches] = [one.score >= target, other.score >= target];
  if (reaches !== otherReaches) return reaches;
  if (!reaches && one.score !== other.score) return one.score > other.score;
  if (Math.abs(one.cost - other.cost) > SAME_PRICE) return one.cost < other.cost;
  return one.score > other.score;
}

function figuresOf(choice: LadderChoice, field: Field, checks: readonly Check[]): LadderFigures {
  const replayed = replayAll(field.samples, choice, checks);
  const [variant] = field.variants;
  return {
    ...choice,
    maxSide: variant?.maxSide ?? 0,
    lane: variant?.lane ?? 'standard',
    score: intervalOf(byDocument(replayed, ({ score }) => score)),
    usdPer1000: meanOf(replayed.map(({ costUsd }) => costUsd)) * 1_000,
    answeredBy: choice.steps.map(
      (_, step) => replayed.filter((one) => one.step === step).length / Math.max(1, replayed.length),
    ),
  };
}

/** The figures of a ladder that is given, such as the profile's own; undefined where a step of it was not asked. */
export function ladderFigures(
  choice: LadderChoice,
  variants: readonly Variant[],
  all: readonly Scored[],
  checks: readonly Check[],
): LadderFigures | undefined {
  const own = variants.filter(({ id }) => choice.steps.includes(id));
  const samples = samplesOf(all, choice.steps);
  return own.length < choice.steps.length || samples.length === 0
    ? undefined
    : figuresOf(choice, { variants: own, samples, candidates: [] }, checks);
}

function scoresOf(
  choice: LadderFigures,
  fields: readonly Field[],
  labels: ReadonlySet<string>,
  checks: readonly Check[],
): number[] {
  const field = fields.find(({ variants }) => variants.some(({ id }) => id === choice.steps[0]));
  if (!field) return [];
  return byDocument(replayAll(within(field, labels).samples, choice, checks), ({ score }) => score);
}

const nameOf = ({ steps, minConfidence, climbing }: LadderChoice): string =>
  JSON.stringify([steps, minConfidence, climbing]);

function verdictOf(
  labels: number,
  chosen: LadderFigures,
  verified: Estimate,
  target: number,
): Recommendation['verdict'] {
  if (labels < LEAST_LABELS) return 'too-few';
  if (chosen.score.mean < target) return 'none';
  if (verified.low >= target) return 'reached';
  return verified.high >= target ? 'uncertain' : 'missed';
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function sentenceOf(
  verdict: Recommendation['verdict'],
  labels: number,
  { score }: LadderFigures,
  { mean, low, high }: Estimate,
  target: number,
): string {
  const measured = `${percent(mean)} on labels it was not chosen by (${percent(low)} to ${percent(high)})`;
  switch (verdict) {
    case 'too-few':
      return `${labels} labels are too few to know: label at least ${LEAST_LABELS} pictures.`;
    case 'none':
      return `Nothing that was tried reaches ${percent(target)}; the best gives ${percent(score.mean)}.`;
    case 'reached':
      return `Reaches ${percent(target)}: ${measured}.`;
    case 'uncertain':
      return `May reach ${percent(target)}: ${measured}. More labels would tell.`;
    case 'missed':
      return `Reached ${percent(target)} where it was chosen, and not elsewhere: ${measured}. Label more pictures.`;
  }
}
