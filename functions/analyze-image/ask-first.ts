import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Patch } from '../../shared/cloud/firestore/documents.ts';
import { mayClimb } from '../../shared/model/failed-step.ts';
import { type Climbed, climb, isConvincing, type PictureQuestion } from '../../shared/model/ladder.ts';
import {
  notRecorded,
  type RecordedCall,
  readRecorded,
  recordOf,
  writeRecorded,
} from '../../shared/model/recorded-calls.ts';
import { DECISION_MODEL, firstWritten, isDecisionStep } from '../../shared/profiles/decision-step.ts';
import type { LadderStep, Profile } from '../../shared/profiles/define.ts';
import type { ResultDocument } from '../../shared/results/document.ts';
import { type LaneDependencies, repliesTo } from './by-lane.ts';
import { type RefuseUnsuitable, sinceReplay } from './suitable.ts';
import type { ToBatch } from './to-batch.ts';

interface AskFirstDependencies {
  refuseUnsuitable: RefuseUnsuitable;
  toBatch: Pick<ToBatch, 'afterGate'>;
  /** Whether the decision model can be asked. */
  decides: boolean;
  isStillAsked: LaneDependencies['isStillAsked'];
}

/** What came of it. */
export interface Early {
  /** What is left to ask of the ladder. */
  question: PictureQuestion;
  /** The answer that ended the climb before that. */
  answered?: Climbed;
  /** What sets the picture aside for a batch. */
  aside?: Patch;
}

/**
 * What is asked of gemini-decision-1 before a picture may wait for a batch, in which it has no part: the gate of its
 * profile, then the first steps of a ladder that begins with decisions. Without an answer and without what sets it aside,
 * the picture goes up the ladder now.
 */
export async function askFirst(
  deps: AskFirstDependencies,
  asked: PictureQuestion,
  document: ResultDocument,
  signal: AbortSignal,
): Promise<Early> {
  const { refuseUnsuitable, toBatch, decides } = deps;
  const { profile, image, charges } = asked;
  if (!decides && !firstWritten(profile))
    throw new PipelineError(
      'MODEL_NOT_FOUND',
      `Vertex AI does not have ${DECISION_MODEL}, which is all that the ladder of ${profile.name} has.`,
    );
  if (profile.gate) await refuseUnsuitable(profile, image, charges, document, signal);
  const passesOver = leavingOut(decides, repliesTo(deps, document, profile), profile, document);
  const question = { ...asked, passesOver };
  const setAside = await toBatch.afterGate(document);
  if (!setAside) return { question };
  const { answered, calls } = await decide(question, signal);
  if (answered) return { question, answered };
  return { question, aside: setAside(calls.length > 0 ? writeRecorded(calls) : undefined) };
}

/** The steps of decisions alone: their answer where it ends the climb, and their calls where it does not. */
async function decide(
  question: PictureQuestion,
  signal: AbortSignal,
): Promise<{ answered?: Climbed; calls: readonly RecordedCall[] }> {
  const { profile, charges } = question;
  const [first, ...others] = profile.ladder.filter(isDecisionStep);
  if (!first) return { calls: [] };
  const calls: RecordedCall[] = [];
  let step = 0;
  const climbed = await climb(
    {
      ...question,
      profile: { ...profile, ladder: [first, ...others] },
      call: async (request, inner) => {
        const reply = await question.call(request, inner);
        calls.push({ ...recordOf(reply), step });
        return reply;
      },
      charges: {
        judged: (outcome) => charges.judged(outcome),
        at: (index) => {
          step = index;
          return charges.at(index);
        },
      },
    },
    signal,
  ).catch((error: unknown) => {
    const failure = PipelineError.from(error);
    if (!mayClimb(failure, profile, DECISION_MODEL)) throw failure;
  });
  return climbed && isConvincing(climbed, profile) ? { answered: climbed, calls } : { calls };
}

/** Ends of a decision that asking again can only repeat, at its price. */
const UNDECIDED: ReadonlySet<string> = new Set(['low-confidence', 'failed-check', 'invalid', 'blocked']);

/**
 * Steps of decisions that are left out: all of them where nobody decides; after a batch those that were not asked before
 * it; and what an earlier execution has paid for in vain, while another step is left.
 */
export function leavingOut(
  decides: boolean,
  replies: string | undefined,
  profile: Profile,
  document: ResultDocument,
): (step: LadderStep, index: number) => boolean {
  if (!decides) return isDecisionStep;
  if (replies !== undefined) return notRecorded(readRecorded(replies));
  if (!firstWritten(profile)) return () => false;
  const asked = sinceReplay(document).filter(({ outcome }) => UNDECIDED.has(outcome));
  return (step, index) =>
    isDecisionStep(step) && asked.some((row) => row.step === index && row.model === DECISION_MODEL);
}
