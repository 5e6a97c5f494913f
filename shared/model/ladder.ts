import { PipelineError } from '../base/errors/pipeline-error.ts';
import type { LadderStep, Profile } from '../profiles/define.ts';
import type { ModelUse } from '../results/document.ts';
import { type Answer, judge, type Verdict } from './judge.ts';
import type { Prompt } from './prompt.ts';
import type { LookForCodes } from './read-codes.ts';
import type { AskModel, CallCharges, ModelReply, ModelRequest } from './request.ts';

export interface Climbed {
  answer: Answer;
  partial: boolean;
  model: ModelUse;
}

/** One picture and everything that is needed to ask about it. */
export interface PictureQuestion {
  profile: Profile;
  prompt: Prompt;
  image: ModelRequest['image'];
  call: AskModel;
  /** Asked only by checks that look at the picture. */
  codes: LookForCodes;
  /** Pays for each call and keeps its row. */
  charges: { at(step: number): CallCharges; judged(outcome: string): void };
}

/**
 * Asks from the cheapest step on and climbs on low confidence, on a broken check, on an answer that stays invalid after
 * one repair round and on failures that another step may not have. When the top is reached, or there is no money to
 * climb, the answer wins that keeps most checks, then the surest. Throws the failure that a later delivery could mend,
 * if there was one, else the last.
 */
export async function climb(question: PictureQuestion, signal: AbortSignal): Promise<Climbed> {
  const candidates: Climbed[] = [];
  let failure: PipelineError | undefined;
  for (const [index, step] of question.profile.ladder.entries()) {
    try {
      const candidate = await askStep(question, step, index, candidates, signal);
      candidates.push(candidate);
      if (isConvincing(candidate, question.profile)) return candidate;
    } catch (error) {
      const current = PipelineError.from(error);
      failure = failure?.disposition.redeliver && !current.disposition.redeliver ? failure : current;
      if (!current.disposition.nextStep) break;
    }
  }
  const [best] = candidates.toSorted(byWorth);
  if (best) return best;
  throw failure ?? new PipelineError('MODEL_EMPTY_ANSWER', 'No step of the ladder gave an answer.');
}

const isConvincing = ({ model }: Climbed, { minConfidence }: Profile): boolean =>
  (model.confidence ?? 1) >= minConfidence && brokenChecks(model) === 0;

const brokenChecks = ({ checks }: ModelUse): number => checks.filter(({ passed }) => !passed).length;

/** Best first; of equals the earlier. */
const byWorth = (a: Climbed, b: Climbed): number =>
  brokenChecks(a.model) - brokenChecks(b.model) || (b.model.confidence ?? 1) - (a.model.confidence ?? 1);

/** What is asked at a step of the ladder. */
export const requestAt = (
  { prompt, image }: Pick<PictureQuestion, 'prompt' | 'image'>,
  step: LadderStep,
): ModelRequest => {
  const [model, ...alternatives] = step.models;
  return {
    model,
    alternatives,
    step,
    instructions: prompt.instructions,
    ...(prompt.references.length > 0 ? { references: prompt.references } : {}),
    prompt: prompt.text,
    responseSchema: prompt.responseSchema,
    image,
  };
};

/** One step: a call and, if its answer does not validate, one repair round. */
async function askStep(
  question: PictureQuestion,
  step: LadderStep,
  index: number,
  earlier: readonly Climbed[],
  signal: AbortSignal,
): Promise<Climbed> {
  const request = { ...requestAt(question, step), charges: question.charges.at(index) };
  const asked = await ask(question, request, earlier, signal);
  if (asked.verdict.kind !== 'repairable') return accept(asked, step, index);
  const { given, issues } = asked.verdict;
  const repaired = await ask(question, { ...request, repair: { answer: given, issues } }, earlier, signal);
  return accept(repaired, step, index);
}

interface JudgedReply {
  verdict: Verdict;
  checks: ModelUse['checks'];
  reply: ModelReply;
  model: string;
}

/** One question, and what its answer is worth. */
async function ask(
  { call, profile, charges, codes }: PictureQuestion,
  request: ModelRequest,
  earlier: readonly Climbed[],
  signal: AbortSignal,
): Promise<JudgedReply> {
  const reply = await call(request, signal);
  const model = reply.requested ?? request.model;
  const verdict = judge(reply.end, profile, model);
  const checks =
    verdict.kind === 'valid' ? await runChecks(profile, verdict.answer, earlier, () => codes(signal)) : [];
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
    if (check.needs === undefined) {
      done.push({ name: check.name, passed: check.passes(answer, before) });
      continue;
    }
    const codes = await look();
    if (codes) done.push({ name: check.name, passed: check.passes(answer, codes) });
  }
  return done;
}

function outcomeOf(verdict: Verdict, checks: ModelUse['checks'], { minConfidence }: Profile): string {
  if (verdict.kind === 'repairable') return 'invalid';
  if (verdict.kind === 'failed') return verdict.outcome;
  if (checks.some(({ passed }) => !passed)) return 'failed-check';
  return (verdict.confidence ?? 1) >= minConfidence ? 'ok' : 'low-confidence';
}

function accept({ verdict, checks, reply, model }: JudgedReply, step: LadderStep, index: number): Climbed {
  if (verdict.kind !== 'valid') throw verdict.failure;
  const { answer, partial, confidence } = verdict;
  const { mediaResolution } = step;
  return {
    answer,
    partial,
    model: {
      requested: model,
      version: reply.modelVersion,
      step: index,
      mediaResolution,
      confidence,
      checks,
    },
  };
}
