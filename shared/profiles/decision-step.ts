import type { MediaResolution } from '../prices/price-list.ts';

/** Answers closed questions with calibrated probabilities, for input tokens alone; the Gemini API has it, Vertex AI not. */
export const DECISION_MODEL = 'gemini-decision-1';

/** A step of a ladder, as far as who answers it goes. */
interface Step {
  readonly models: readonly string[];
}

/** It neither thinks nor writes: only the resolution is a choice. */
export const decisionStep = (mediaResolution: MediaResolution) => ({
  models: [DECISION_MODEL] as const,
  mediaResolution,
  thinkingLevel: 'minimal' as const,
  maxOutputTokens: 1,
});

export const isDecisionStep = ({ models }: Step): boolean => models.includes(DECISION_MODEL);

/** Whether the decision model is asked first; other models stand after it. */
export const decidesFirst = ({ ladder }: { ladder: readonly [Step, ...Step[]] }): boolean =>
  isDecisionStep(ladder[0]);

/** The first step that writes its answer; undefined where decisions are all there is. */
export const firstWritten = <S extends Step>({ ladder }: { ladder: readonly S[] }): S | undefined =>
  ladder.find((step) => !isDecisionStep(step));

/** Every model that is asked for these profiles, by their ladders or by their gates, each once. */
export const modelsAsked = (
  profiles: readonly { ladder: readonly Step[]; gate?: readonly unknown[] }[],
): string[] => [
  ...new Set(
    profiles.flatMap(({ ladder, gate }) => [
      ...ladder.flatMap(({ models }) => models),
      ...(gate ? [DECISION_MODEL] : []),
    ]),
  ),
];
