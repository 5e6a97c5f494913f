import type { z } from 'zod';
import { type Invariant, integer } from '../../shared/base/config.ts';
import { pubsubVariables } from '../../shared/cloud/pubsub.ts';
import { controlVariables, resultsVariables } from '../../shared/results/options.ts';

/** Variables of sweep. Times in milliseconds. */
export const sweepVariables = {
  ...resultsVariables,
  ...controlVariables,
  ...pubsubVariables,
  /** The platform ends a call after this time; a run stops well before. */
  FUNCTION_TIMEOUT_MS: integer('milliseconds', { min: 2_000, max: 540_000, default: 200_000 }),
  /** Images that one run takes up; the next run goes on. */
  SWEEP_LIMIT: integer('images', { min: 1, max: 100_000, default: 2_000 }),
  /** Images taken up at the same time. */
  SWEEP_CONCURRENCY: integer('images', { min: 1, max: 100, default: 16 }),
  /** Executions per image above which the pipeline is paused; a healthy image needs 2. 0 turns the check off. */
  RUNAWAY_RATIO: integer('executions per image', { min: 0, max: 1_000, default: 6 }),
  /** Only images that changed within this time count, and at most RUNAWAY_SAMPLE of them, the newest. */
  RUNAWAY_WINDOW_MS: integer('milliseconds', { min: 1_000, max: 86_400_000, default: 900_000 }),
  RUNAWAY_SAMPLE: integer('images', { min: 20, max: 10_000, default: 500 }),
  /** How long the pipeline then rests. A person may lift the pause before. */
  RUNAWAY_PAUSE_MS: integer('milliseconds', { min: 1_000, max: 604_800_000, default: 86_400_000 }),
};

type Config = z.infer<z.ZodObject<typeof sweepVariables>>;

export const sweepInvariants: readonly Invariant<Config>[] = [
  ({ RUNAWAY_RATIO }) =>
    RUNAWAY_RATIO === 0 || RUNAWAY_RATIO > 2
      ? undefined
      : 'RUNAWAY_RATIO must be more than 2 (each image is executed twice: resize and analysis), or 0.',
];
