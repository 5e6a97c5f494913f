import { z } from 'zod';
import { DECISION_MODEL, isDecisionStep } from '../profiles/decision-step.ts';
import type { PictureQuestion } from './ladder.ts';
import type { AskModel, ModelReply, ReplyEnd } from './request.ts';

const end = z.looseObject({ kind: z.string() });

/**
 * The calls of one picture that were made before, as its document keeps them: in their order, without their tokens.
 * `step`: of a decision, which no batch job makes.
 */
const recordedCalls = z.array(z.object({ end, modelVersion: z.string(), step: z.number().optional() }));

export type RecordedCall = z.infer<typeof recordedCalls>[number];

/** What is stored can be read; anything else is no call. */
export function readRecorded(text: string | undefined): RecordedCall[] {
  if (text === undefined) return [];
  try {
    return recordedCalls.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

export const writeRecorded = (calls: readonly RecordedCall[]): string => JSON.stringify(calls);

export const recordOf = ({ end: how, modelVersion }: ModelReply): RecordedCall => ({
  end: how,
  modelVersion,
});

/** What is decided is decided before a picture waits: a step of decisions without a record is not asked after it. */
export const notRecorded =
  (calls: readonly RecordedCall[]): NonNullable<PictureQuestion['passesOver']> =>
  (step, index) =>
    isDecisionStep(step) && !calls.some((call) => call.step === index);

/**
 * Answers the first calls of a picture with what was recorded, in the same order, and makes the others: the ladder, which
 * asks the same after the same answers, goes on where the batches left it. What was decided answers decisions only: where
 * the decision model can no longer be asked, its steps are passed over, and so is what it said.
 */
export function afterRecorded(calls: readonly RecordedCall[], call: AskModel): AskModel {
  const left = [...calls];
  return async (request, signal) => {
    if (request.model !== DECISION_MODEL) while (left[0]?.step !== undefined) left.shift();
    const recorded = left.shift();
    if (recorded === undefined) return call(request, signal);
    const { end: how, modelVersion, step } = recorded;
    const lane = step === undefined ? ({ lane: 'batch' } as const) : {};
    return { end: how as ReplyEnd, modelVersion, ...lane, usage: null };
  };
}
