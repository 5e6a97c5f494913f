import type { SynchronousLane } from '../shared/prices/lanes.ts';
import { DECISION_MODEL, decisionStep, firstWritten } from '../shared/profiles/decision-step.ts';
import type { LadderStep } from '../shared/profiles/define.ts';
import { STANDARD_LADDER } from '../shared/profiles/standard-ladder.ts';

/** One way to ask about a picture. */
export interface Variant {
  /** `gemini-3.5-flash-lite HIGH 3072 standard`. */
  id: string;
  step: LadderStep;
  /** Long side of the prepared picture, in pixels. */
  maxSide: number;
  lane: SynchronousLane;
}

/** What is to be tried; what is left out is as the profile has it. */
export interface VariantChoice {
  models?: readonly string[];
  resolutions?: readonly LadderStep['mediaResolution'][];
  sides?: readonly number[];
  lanes?: readonly SynchronousLane[];
}

/**
 * Every combination. Without models and resolutions the steps of the ladder themselves, else each model at each
 * resolution, with the thinking and the room for an answer that the profile's step for it has.
 */
export function variantsOf(
  { ladder, maxSide }: { ladder: readonly [LadderStep, ...LadderStep[]]; maxSide: number },
  { models, resolutions, sides = [maxSide], lanes = ['standard'] }: VariantChoice,
): Variant[] {
  const steps =
    models === undefined && resolutions === undefined
      ? ladder.flatMap((step) => step.models.map((model): LadderStep => ({ ...step, models: [model] })))
      : crossed(ladder, models, resolutions);
  const all = lanes.flatMap((lane) =>
    sides.flatMap((side) =>
      steps.map((step): Variant => ({ id: idOf(step, side, lane), step, maxSide: side, lane })),
    ),
  );
  return [...new Map(all.map((variant) => [variant.id, variant])).values()];
}

/** Thinking is part of the name only where it is not the least there is. */
const idOf = ({ models: [model], mediaResolution, thinkingLevel }: LadderStep, side: number, lane: string) =>
  [model, mediaResolution, side, lane, ...(thinkingLevel === 'minimal' ? [] : [thinkingLevel])].join(' ');

function crossed(
  ladder: readonly [LadderStep, ...LadderStep[]],
  models: readonly string[] = [...new Set(ladder.flatMap((step) => step.models))],
  resolutions: readonly LadderStep['mediaResolution'][] = [
    ...new Set(ladder.map((step) => step.mediaResolution)),
  ],
): LadderStep[] {
  // A decision has no room for an answer of others.
  const pattern = firstWritten({ ladder }) ?? STANDARD_LADDER[0];
  return models.flatMap((model) =>
    resolutions.map((mediaResolution): LadderStep => {
      const of = ladder.filter((step) => step.models.includes(model));
      const like = of.find((step) => step.mediaResolution === mediaResolution) ?? of[0];
      return like
        ? { ...like, models: [model], mediaResolution }
        : { ...stepLike(pattern, model), mediaResolution };
    }),
  );
}

/** The variants of a ladder, and of each step whose model has successors the same step by each of them. */
export function successorVariants(
  profile: { ladder: readonly [LadderStep, ...LadderStep[]]; maxSide: number },
  successors: ReadonlyMap<string, readonly string[]>,
  { sides, lanes }: Pick<VariantChoice, 'sides' | 'lanes'>,
): Variant[] {
  const steps = profile.ladder.flatMap((step) =>
    step.models.flatMap((model) =>
      [model, ...(successors.get(model) ?? [])].map((one) =>
        one === model ? { ...step, models: [one] as const } : stepLike(step, one),
      ),
    ),
  );
  const [first = profile.ladder[0], ...others] = steps;
  return variantsOf(
    { ...profile, ladder: [first, ...others] },
    { ...(sides ? { sides } : {}), ...(lanes ? { lanes } : {}) },
  );
}

/** What a model that thinks needs at least: thoughts are part of the output. */
const ROOM_TO_THINK = 8_192;

/**
 * The same step by a model that the ladder does not have. Only the small models have the level `minimal`; the others
 * think at least a little (https://ai.google.dev/gemini-api/docs/thinking, read 2026-11-20).
 */
function stepLike(step: LadderStep, model: string): LadderStep {
  if (model === DECISION_MODEL) return decisionStep(step.mediaResolution);
  const thinks = step.thinkingLevel === 'minimal' && !model.includes('-lite');
  return {
    ...step,
    models: [model],
    ...(thinks
      ? { thinkingLevel: 'low', maxOutputTokens: Math.max(step.maxOutputTokens, ROOM_TO_THINK) }
      : {}),
  };
}
