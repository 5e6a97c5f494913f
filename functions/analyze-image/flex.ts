import type { z } from 'zod';
import { type Invariant, integer } from '../../shared/base/config.ts';
import type { GateOptions } from '../../shared/model/gate/options.ts';
import type { ResultDocument } from '../../shared/results/document.ts';

/** Variables of the flex lane, which has a guard of its own: half the price, minutes, refused when capacity is short. */
export const flexVariables = {
  /** Flex calls of one model at once in this instance, beside those of the standard lane. */
  FLEX_MAX_CONCURRENCY: integer('calls', { min: 1, max: 1_000, default: 16 }),
  /** One flex call, its wait for capacity included. */
  FLEX_ATTEMPT_MS: integer('milliseconds', { min: 100, max: 1_800_000, default: 240_000 }),
  /** All flex calls for one picture and the waits between them. */
  FLEX_OVERALL_MS: integer('milliseconds', { min: 100, max: 1_800_000, default: 360_000 }),
  /** Flex calls of one question, the first included. */
  FLEX_MAX_ATTEMPTS: integer('calls', { min: 1, max: 10, default: 3 }),
  /** The first wait after a refusal for want of capacity; it doubles. */
  FLEX_BACKOFF_MS: integer('milliseconds', { min: 1, max: 60_000, default: 5_000 }),
  /** The platform ends an execution of a flex picture after this time; ours is a little earlier where it can be. */
  FLEX_TIMEOUT_MS: integer('milliseconds', { min: 500, max: 3_500_000, default: 560_000 }),
  /** How soon a picture that waits for capacity is taken up again at the latest: the sweep's schedule and a run of it. */
  FLEX_RETURN_MS: integer('milliseconds', { min: 10, max: 86_400_000, default: 360_000 }),
};

type Config = z.infer<z.ZodObject<typeof flexVariables>>;

export const flexInvariants: readonly Invariant<Config & { MODEL_OVERALL_MS: number }>[] = [
  ({ FLEX_ATTEMPT_MS, FLEX_OVERALL_MS }) =>
    FLEX_ATTEMPT_MS <= FLEX_OVERALL_MS ? undefined : 'FLEX_ATTEMPT_MS must not be more than FLEX_OVERALL_MS.',
  ({ FLEX_OVERALL_MS, MODEL_OVERALL_MS, FLEX_TIMEOUT_MS }) =>
    FLEX_OVERALL_MS + MODEL_OVERALL_MS < FLEX_TIMEOUT_MS
      ? undefined
      : 'FLEX_OVERALL_MS and MODEL_OVERALL_MS together must be less than FLEX_TIMEOUT_MS: otherwise a picture that finds no capacity has no time left for the standard lane.',
];

interface Limits {
  /** The execution ends itself after this time. */
  timeoutMs: number;
  /** The picture is claimed for this long. */
  leaseMs: number;
}

type LimitsConfig = Config & { FUNCTION_TIMEOUT_MS: number; LEASE_MS: number; MODEL_OVERALL_MS: number };

/**
 * What one execution of a picture may take, in milliseconds. Flex is slow and the others keep their limit; but it is asked
 * only as long as patience allows, so that a picture whose process died is taken up again while there is time.
 */
export const createLimits =
  (config: LimitsConfig) =>
  ({ lane }: Pick<ResultDocument, 'lane'>, nowMs = Date.now()): Limits => {
    const { FUNCTION_TIMEOUT_MS, LEASE_MS, MODEL_OVERALL_MS, FLEX_TIMEOUT_MS } = config;
    // What a batch did not answer goes by flex.
    const isSlow = lane?.asked === 'flex' || lane?.asked === 'batch';
    const flexEndsAt = isSlow ? lane.since.getTime() + lane.patienceMs - MODEL_OVERALL_MS : nowMs;
    const timeoutMs = Math.max(
      FUNCTION_TIMEOUT_MS,
      Math.min(FLEX_TIMEOUT_MS, flexEndsAt - nowMs + FUNCTION_TIMEOUT_MS),
    );
    return { timeoutMs, leaseMs: timeoutMs + LEASE_MS - FUNCTION_TIMEOUT_MS };
  };

/** The guard of the flex lane; the quota is the one of all lanes. */
export const flexGateOptions = (config: Config, standard: GateOptions): GateOptions => ({
  ...standard,
  maxConcurrency: config.FLEX_MAX_CONCURRENCY,
  // Nobody waits in line here: the picture is set aside, or pays the standard price.
  maxQueue: 0,
  attemptMs: config.FLEX_ATTEMPT_MS,
  overallMs: config.FLEX_OVERALL_MS,
  maxAttempts: config.FLEX_MAX_ATTEMPTS,
  baseMs: config.FLEX_BACKOFF_MS,
  maxMs: Math.max(config.FLEX_BACKOFF_MS, standard.maxMs),
});
