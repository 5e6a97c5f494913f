import { FAILURES, type FailureCode } from '../shared/base/errors/codes.ts';
import { PipelineError } from '../shared/base/errors/pipeline-error.ts';
import { mayClimb } from '../shared/model/failed-step.ts';
import { byWorth, isConvincing, type Weighed } from '../shared/model/ladder.ts';
import type { Check } from '../shared/profiles/checks.ts';
import type { Profile } from '../shared/profiles/define.ts';
import type { Scored } from './outcomes.ts';

/** The rules by which a ladder is climbed, beside its steps. */
export interface LadderRules {
  minConfidence: number;
  /** Names of the checks that are only noted: a broken one does not climb. */
  reporting: ReadonlySet<string>;
  whenQuotaIsSpent?: NonNullable<Profile['whenQuotaIsSpent']>;
}

/** What a ladder would have answered, and what all of its calls cost. */
export interface Replayed {
  score: number;
  isExact: boolean;
  costUsd: number;
  latencyMs: number;
  /** Counted from 0; the step whose answer was taken. */
  step: number;
}

/** An answer of one step as the ladder weighs it, with the checks as these rules have them. */
interface Candidate extends Weighed {
  recorded: Scored;
  step: number;
}

/**
 * Climbs by the ladder's own rules over answers that were recorded one step at a time, all of the same picture and
 * repeat. `checks` are the profile's: those that compare with earlier steps are asked again, the others are recorded.
 */
export function replay(
  steps: readonly Scored[],
  rules: LadderRules,
  checks: readonly Check[] = [],
): Replayed {
  const candidates: Candidate[] = [];
  const ended = new Set<string>();
  let [costUsd, latencyMs] = [0, 0];
  const result = ({ recorded, step }: Pick<Candidate, 'recorded' | 'step'>): Replayed => ({
    score: recorded.score,
    isExact: recorded.isExact,
    costUsd,
    latencyMs,
    step,
  });
  for (const [step, recorded] of steps.entries()) {
    const model = modelOf(recorded);
    if (ended.has(model)) continue;
    costUsd += recorded.costUsd;
    latencyMs += recorded.latencyMs;
    if (recorded.ending.kind === 'failed') {
      const failure = failureOf(recorded.ending.code);
      if (failure.disposition.otherModel) ended.add(model);
      if (!mayClimb(failure, rules, model)) break;
      continue;
    }
    const weighed = weigh(recorded, step, rules, checks, candidates);
    if (isConvincing(weighed, rules)) return result(weighed);
    candidates.push(weighed);
  }
  const [best] = candidates.toSorted(byWorth);
  return best
    ? result(best)
    : { score: 0, isExact: false, costUsd, latencyMs, step: Math.max(0, steps.length - 1) };
}

/** The first word of a variant's name is its model. */
const modelOf = ({ variant }: Scored): string => variant.split(' ', 1)[0] ?? variant;

const failureOf = (code: string): PipelineError =>
  new PipelineError(Object.hasOwn(FAILURES, code) ? (code as FailureCode) : 'UNKNOWN', code);

function weigh(
  recorded: Scored,
  step: number,
  { reporting }: LadderRules,
  checks: readonly Check[],
  before: readonly Candidate[],
): Candidate {
  const { ending } = recorded;
  if (ending.kind !== 'answered') throw new Error('only an answer can be weighed');
  const { answer, partial, confidence } = ending;
  const earlier = before.flatMap(({ recorded: one }) =>
    one.ending.kind === 'answered' ? [one.ending.answer] : [],
  );
  const noted = ending.checks.map(({ name, passed }) => {
    const again = checks.find((check) => check.name === name && check.needs === 'earlier');
    const now = again?.needs === 'earlier' ? again.passes(answer, earlier) : passed;
    return { name, passed: now, ...(reporting.has(name) ? { reportsOnly: true } : {}) };
  });
  return { partial, model: { confidence, checks: noted }, recorded, step };
}
