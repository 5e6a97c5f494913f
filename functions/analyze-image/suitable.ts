import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { type DecisionQuestions, decisions } from '../../shared/model/gemini/decisions.ts';
import type { PictureQuestion } from '../../shared/model/ladder.ts';
import type { ModelReply, ModelRequest } from '../../shared/model/request.ts';
import { decisionStep } from '../../shared/profiles/decision-step.ts';
import type { GateQuestion, Profile } from '../../shared/profiles/define.ts';
import type { Attempt, ResultDocument } from '../../shared/results/document.ts';

/** Asks the gate of a profile about a picture; throws NOT_SUITABLE for one that is surely not what the profile is for. */
export type RefuseUnsuitable = (
  profile: Profile,
  image: ModelRequest['image'],
  charges: PictureQuestion['charges'],
  document: ResultDocument,
  signal: AbortSignal,
) => Promise<void>;

type Ask = (request: ModelRequest, signal: AbortSignal) => Promise<ModelReply>;

/** The gate stands before the first step of the ladder. */
const GATE_STEP = -1;

/** A question is answered no where yes is less likely than this; what lies between goes on. */
const SURELY_NOT = 0.2;

/**
 * The gate costs a tenth of an extraction. Whatever goes wrong with it, the picture goes on: a gate that cannot be asked
 * must hold up nothing. What it was asked before, in an earlier execution, is not asked again.
 */
export const createGate =
  (ask: Ask | undefined, log: Log): RefuseUnsuitable =>
  async (profile, image, charges, document, signal) => {
    const { gate = [] } = profile;
    if (gate.length === 0 || wasAsked(document)) return;
    if (!ask) return log.warn('gate.not-there', { profile: profile.name });
    let reply: ModelReply;
    try {
      reply = await ask({ ...requestOf(gate, image), charges: charges.at(GATE_STEP) }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return log.error('gate.not-asked', error, { profile: profile.name });
    }
    const refused = refusedBy(gate, reply);
    charges.judged(refused ? 'not-suitable' : 'suitable');
    if (!refused) return;
    const { question, yes } = refused;
    throw new PipelineError(
      'NOT_SUITABLE',
      `${question.refuse ?? `The answer to "${question.ask}" is no.`} (${Math.round((1 - yes) * 100)} % sure.)`,
    );
  };

const wasAsked = (document: ResultDocument): boolean =>
  sinceReplay(document).some(({ step, outcome }) => step === GATE_STEP && outcome === 'suitable');

/** Calls of earlier executions; who replays a picture wants all of it asked again. */
export const sinceReplay = ({ attempts, replayedAt }: ResultDocument): Attempt[] =>
  attempts.filter(({ at }) => at.getTime() >= (replayedAt?.getTime() ?? 0));

const nameOf = (index: number): string => `q${index + 1}`;

function requestOf(gate: readonly GateQuestion[], image: ModelRequest['image']): ModelRequest {
  const questions: DecisionQuestions = Object.fromEntries(
    gate.map(({ ask, holds: yes, fails: no }, i) => [
      nameOf(i),
      {
        type: 'noul',
        instructions: ask,
        ...(yes === undefined ? {} : { yes }),
        ...(no === undefined ? {} : { no }),
      },
    ]),
  );
  const step = decisionStep('MEDIUM');
  return {
    model: step.models[0],
    step,
    instructions: '',
    prompt: JSON.stringify(questions),
    responseSchema: {},
    image,
  };
}

/** The first question that is surely answered no; a blocked picture is for the model of the profile to refuse. */
function refusedBy(
  gate: readonly GateQuestion[],
  { end }: ModelReply,
): { question: GateQuestion; yes: number } | undefined {
  if (end.kind !== 'answer') return undefined;
  const answers = decisions.safeParse(JSON.parse(end.text)).data ?? {};
  return gate
    .map((question, i) => {
      const given = answers[nameOf(i)];
      return { question, yes: given?.type === 'noul' ? given.noul : 1 };
    })
    .find(({ yes }) => yes < SURELY_NOT);
}
