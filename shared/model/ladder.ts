import { dispositionOf, PipelineError } from '../base/errors/pipeline-error.ts';
import type { Lane } from '../prices/lanes.ts';
import { DECISION_MODEL } from '../profiles/decision-step.ts';
import type { LadderStep, Profile } from '../profiles/define.ts';
import type { ModelUse, ReviewReason } from '../results/document.ts';
import { decidedEnd } from './decided.ts';
import { likelier, mayClimb } from './failed-step.ts';
import { type Answer, judge, type Verdict } from './judge.ts';
import { type Prompt, requestAt } from './prompt.ts';
import { evidenceOf } from './read-boxes.ts';
import type { LookForCodes } from './read-codes.ts';
import type { AskModel, CallCharges, ModelReply, ModelRequest } from './request.ts';

export interface Climbed {
  answer: Answer;
  partial: boolean;
  model: ModelUse;
  /** The lane that served it. */
  served: Lane;
}

/** One picture and everything that is needed to ask about it. */
export interface PictureQuestion {
  profile: Profile;
  prompt: Prompt;
  image: ModelRequest['image'];
  call: AskModel;
  /** Asked by checks that look at the picture; without it they are left out, as when its codes cannot be read. */
  codes?: LookForCodes;
  /** Pays for each call and keeps its row. */
  charges: { at(step: number): CallCharges; judged(outcome: string): void };
  /** Steps, counted from 0, that are left out as if the ladder did not have them. */
  passesOver?: (step: LadderStep, index: number) => boolean;
}

/**
 * Asks from the cheapest step on and climbs on low confidence, on a broken check, on an answer that stays invalid after
 * one repair round and on failures that another step may not have; a model that can only come to the same end is not
 * asked again. When the top is reached, or there is no money to climb, the answer wins that keeps most checks, then the
 * surest. Without one, throws the failure that a later delivery could fix, if there was one, else the one that is over
 * first on its own, else the last.
 */
export async function climb(question: PictureQuestion, signal: AbortSignal): Promise<Climbed> {
  const candidates: Climbed[] = [];
  const spent = new Set<string>();
  let failure: PipelineError | undefined;
  for (const [index, step] of question.profile.ladder.entries()) {
    if (question.passesOver?.(step, index)) continue;
    // What one model of a step cannot do, another one of it may.
    for (let left = without(step, spent); left; left = without(step, spent)) {
      const before = spent.size;
      try {
        const candidate = await askStep(question, left, index, candidates, spent, signal);
        candidates.push(candidate);
        if (isConvincing(candidate, question.profile)) return candidate;
        break;
      } catch (error) {
        const current = PipelineError.from(error);
        // Room in the lane is worth waiting for: an unsure decision costs less to lose than what the wait saves.
        if (current.code === 'LANE_WAITING' && candidates.every(isDecided)) throw current;
        failure = failure ? likelier(failure, current) : current;
        if (!mayClimb(current, question.profile, left.models[0])) return bestOf(candidates, failure);
        if (spent.size === before) break;
      }
    }
  }
  return bestOf(candidates, failure);
}

const isDecided = ({ model }: Climbed): boolean => model.requested === DECISION_MODEL;

function bestOf(candidates: readonly Climbed[], failure: PipelineError | undefined): Climbed {
  const [best] = candidates.toSorted(byWorth);
  if (best) return best;
  throw failure ?? new PipelineError('MODEL_EMPTY_ANSWER', 'No step of the ladder gave an answer.');
}

/** The step with the models that have not come to an end about this picture; undefined when there is none. */
function without(step: LadderStep, spent: ReadonlySet<string>): LadderStep | undefined {
  const [first, ...others] = step.models.filter((model) => !spent.has(model));
  return first === undefined ? undefined : { ...step, models: [first, ...others] };
}

/** A list of hundreds of prices written as text says no more than its first ones. */
const MAX_RESPELLED = 20;

/** What the ladder weighs of an answer. */
export interface Weighed {
  partial: boolean;
  model: Pick<ModelUse, 'confidence' | 'checks'>;
}

/** Whether an answer ends the climb. */
export const isConvincing = (
  { model, partial }: Weighed,
  { minConfidence }: Pick<Profile, 'minConfidence'>,
): boolean => sureness(model.confidence, partial) >= minConfidence && brokenChecks(model) === 0;

/** Why a person should look at the answer that was taken; undefined where nothing speaks for it. */
export function reviewReason(
  { model, partial }: Climbed,
  { minConfidence, reviewShare = 0 }: Profile,
  random = Math.random,
): ReviewReason | undefined {
  if (brokenChecks(model) > 0) return 'broken-check';
  if (partial) return 'partial';
  if (sureness(model.confidence, partial) < minConfidence) return 'unsure';
  return random() < reviewShare ? 'sample' : undefined;
}

/** An answer that states no confidence counts as sure, unless it was cut off. */
const sureness = (confidence: number | null, partial: boolean): number => confidence ?? (partial ? 0 : 1);

const brokenChecks = ({ checks }: Pick<ModelUse, 'checks'>): number =>
  checks.filter(({ passed, reportsOnly }) => !passed && !reportsOnly).length;

/** Best first; of equals the earlier. */
export const byWorth = (a: Weighed, b: Weighed): number =>
  brokenChecks(a.model) - brokenChecks(b.model) ||
  sureness(b.model.confidence, b.partial) - sureness(a.model.confidence, a.partial);

/** One step: a call and, if its answer does not validate, one repair round. `spent` learns who need not be asked again. */
async function askStep(
  question: PictureQuestion,
  step: LadderStep,
  index: number,
  earlier: readonly Climbed[],
  spent: Set<string>,
  signal: AbortSignal,
): Promise<Climbed> {
  const request = { ...requestAt(question, step), charges: question.charges.at(index) };
  const asked = await ask(question, request, earlier, signal).catch((error: unknown) => {
    // A router has asked all of its models before it gives up.
    if (dispositionOf(error)?.otherModel) for (const model of step.models) spent.add(model);
    throw error;
  });
  note(asked, spent);
  // Who chooses among given answers has no form to repair.
  if (asked.verdict.kind !== 'repairable' || asked.model === DECISION_MODEL)
    return accept(asked, step, index);
  const { given, issues } = asked.verdict;
  const repaired = await ask(question, { ...request, repair: { answer: given, issues } }, earlier, signal);
  note(repaired, spent);
  return accept(repaired, step, index);
}

function note({ verdict, model }: JudgedReply, spent: Set<string>): void {
  if (verdict.kind === 'failed' && verdict.failure.disposition.otherModel) spent.add(model);
}

interface JudgedReply {
  verdict: Verdict;
  checks: ModelUse['checks'];
  reply: ModelReply;
  model: string;
}

/** One question, and what its answer is worth. */
async function ask(
  { call, profile, prompt, charges, codes }: PictureQuestion,
  request: ModelRequest,
  earlier: readonly Climbed[],
  signal: AbortSignal,
): Promise<JudgedReply> {
  const reply = await call(request, signal);
  const model = reply.requested ?? request.model;
  const { decisions } = prompt;
  const end = model === DECISION_MODEL && decisions ? decidedEnd(reply.end, decisions.form) : reply.end;
  const verdict = judge(end, profile, model);
  const checks =
    verdict.kind === 'valid'
      ? await runChecks(profile, verdict.answer, earlier, async () => codes?.(signal))
      : [];
  charges.judged(outcomeOf(verdict, checks, profile));
  return { verdict, checks, reply, model };
}

async function runChecks(
  { checks = [] }: Profile,
  answer: Answer,
  earlier: readonly Climbed[],
  look: () => ReturnType<LookForCodes>,
): Promise<ModelUse['checks']> {
  const before = earlier.map((climbed) => climbed.answer);
  const done: ModelUse['checks'] = [];
  for (const check of checks) {
    const noted = { name: check.name, ...(check.reportsOnly ? { reportsOnly: true } : {}) };
    if (check.needs !== 'codes') {
      done.push({ ...noted, passed: check.passes(answer, before) });
      continue;
    }
    const codes = await look();
    if (codes) done.push({ ...noted, passed: check.passes(answer, codes) });
  }
  return done;
}

function outcomeOf(verdict: Verdict, checks: ModelUse['checks'], { minConfidence }: Profile): string {
  if (verdict.kind === 'repairable') return 'invalid';
  if (verdict.kind === 'failed') return verdict.outcome;
  if (checks.some(({ passed, reportsOnly }) => !passed && !reportsOnly)) return 'failed-check';
  return sureness(verdict.confidence, verdict.partial) >= minConfidence ? 'ok' : 'low-confidence';
}

function accept({ verdict, checks, reply, model }: JudgedReply, step: LadderStep, index: number): Climbed {
  if (verdict.kind !== 'valid') throw verdict.failure;
  const { answer, partial, confidence, probabilities, respelled, evidence } = verdict;
  const { mediaResolution } = step;
  return {
    answer,
    partial,
    served: reply.lane ?? 'standard',
    model: {
      requested: model,
      version: reply.modelVersion,
      step: index,
      mediaResolution,
      confidence,
      checks,
      ...(probabilities ? { probabilities } : {}),
      ...(evidence ? evidenceOf(evidence) : {}),
      ...(respelled.length > 0 ? { respelled: respelled.slice(0, MAX_RESPELLED) } : {}),
    },
  };
}
