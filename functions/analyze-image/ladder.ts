import { PipelineError } from '../../shared/errors/pipeline-error.ts';
import type { GenerateContent, ModelReply, ModelRequest } from '../../shared/gemini/model.ts';
import type { LadderStep, Profile } from '../../shared/profiles/define.ts';
import type { Attempt, ModelUse } from '../../shared/results/document.ts';
import { type Answer, judge, type Verdict } from './judge.ts';
import { composePrompt, type Prompt } from './prompt.ts';

export interface Climbed {
  answer: Answer;
  partial: boolean;
  model: ModelUse;
}

/** One picture's way up its profile's ladder; `attempts` holds every call made, also when it ends in an error. */
export interface Climb {
  attempts: Attempt[];
  run(signal: AbortSignal): Promise<Climbed>;
}

type Candidate = Climbed & { confidence: number | null };

interface StepContext {
  profile: Profile;
  prompt: Prompt;
  image: ModelRequest['image'];
  call: GenerateContent;
  attempts: Attempt[];
}

/**
 * Asks from the cheapest step on and climbs on low confidence, on an answer that stays invalid after one repair round
 * and on failures that another step may not have. The best valid answer wins when the top is reached.
 * Throws the failure that a later delivery could mend, if there was one, else the last.
 */
export function createClimb(profile: Profile, image: ModelRequest['image'], call: GenerateContent): Climb {
  const attempts: Attempt[] = [];
  const context: StepContext = { profile, prompt: composePrompt(profile), image, call, attempts };
  return {
    attempts,
    run: async (signal) => {
      let best: Candidate | undefined;
      let failure: PipelineError | undefined;
      for (const [index, step] of profile.ladder.entries()) {
        try {
          const candidate = await askStep(context, step, index, signal);
          if (best === undefined || (candidate.confidence ?? 1) > (best.confidence ?? 1)) best = candidate;
          if (confidentEnough(candidate, profile)) return candidate;
        } catch (error) {
          const current = PipelineError.from(error);
          failure = failure?.disposition.redeliver && !current.disposition.redeliver ? failure : current;
          if (!current.disposition.nextStep) break;
        }
      }
      if (best) return best;
      throw failure ?? new PipelineError('MODEL_EMPTY_ANSWER', 'No step of the ladder gave an answer.');
    },
  };
}

const confidentEnough = ({ confidence }: Candidate, { minConfidence }: Profile): boolean =>
  (confidence ?? 1) >= minConfidence;

/** One step: a call and, if its answer does not validate, one repair round. */
async function askStep(
  context: StepContext,
  step: LadderStep,
  index: number,
  signal: AbortSignal,
): Promise<Candidate> {
  const [model, ...alternatives] = step.models;
  const request: ModelRequest = {
    model,
    alternatives,
    step,
    instructions: context.prompt.instructions,
    prompt: context.prompt.text,
    responseSchema: context.prompt.responseSchema,
    image: context.image,
  };
  const first = await ask(context, request, index, signal);
  if (first.verdict.kind !== 'repairable') return accept(first, step, index);
  const { given, issues } = first.verdict;
  return accept(
    await ask(context, { ...request, repair: { answer: given, issues } }, index, signal),
    step,
    index,
  );
}

interface Asked {
  verdict: Verdict;
  reply: ModelReply;
  model: string;
}

/** One call and its row in the document, whatever comes of it. */
async function ask(
  { call, profile, attempts }: StepContext,
  request: ModelRequest,
  step: number,
  signal: AbortSignal,
): Promise<Asked> {
  const startedAt = Date.now();
  const record = (outcome: string, reply: ModelReply | undefined) =>
    attempts.push({
      model: reply?.modelVersion ?? request.model,
      step,
      outcome,
      latencyMs: Date.now() - startedAt,
      tokens: reply?.usage ?? null,
      costUsd: null,
      at: new Date(startedAt),
    });
  try {
    const reply = await call(request, signal);
    const verdict = judge(reply.end, profile, reply.requested ?? request.model);
    record(outcomeOf(verdict, profile), reply);
    return { verdict, reply, model: reply.requested ?? request.model };
  } catch (error) {
    record(PipelineError.from(error).code, undefined);
    throw error;
  }
}

function outcomeOf(verdict: Verdict, profile: Profile): string {
  if (verdict.kind === 'repairable') return 'invalid';
  if (verdict.kind === 'failed') return verdict.outcome;
  return (verdict.confidence ?? 1) >= profile.minConfidence ? 'ok' : 'low-confidence';
}

function accept({ verdict, reply, model }: Asked, step: LadderStep, index: number): Candidate {
  if (verdict.kind !== 'valid') throw verdict.failure;
  const { answer, partial, confidence } = verdict;
  return {
    answer,
    partial,
    confidence,
    model: {
      requested: model,
      version: reply.modelVersion,
      step: index,
      mediaResolution: step.mediaResolution,
      confidence,
      checks: [],
    },
  };
}
