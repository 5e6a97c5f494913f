import type { z } from 'zod';
import { type Invariant, integer } from '../../base/config.ts';

/** Variables of the guard around the models. Times in milliseconds. */
export const gateVariables = {
  /** Calls of one question to one model, the first included. */
  MODEL_MAX_ATTEMPTS: integer('calls', { min: 1, max: 10, default: 5 }),
  MODEL_ATTEMPT_MS: integer('milliseconds', { min: 100, max: 300_000, default: 30_000 }),
  /** All calls for one picture, of every step, and all waits between them. */
  MODEL_OVERALL_MS: integer('milliseconds', { min: 100, max: 500_000, default: 50_000 }),
  MODEL_BACKOFF_MS: integer('milliseconds', { min: 1, max: 60_000, default: 500 }),
  MODEL_MAX_BACKOFF_MS: integer('milliseconds', { min: 1, max: 120_000, default: 20_000 }),
  /** The project's quota of each model; 0 leaves it to Google's refusals. */
  MODEL_REQUESTS_PER_MINUTE: integer('requests per minute', { min: 0, max: 10_000_000, default: 0 }),
  MODEL_TOKENS_PER_MINUTE: integer('tokens per minute', { min: 0, max: 1_000_000_000, default: 0 }),
  /** The quota is divided by this: as many instances as the platform may run. */
  MAX_INSTANCES: integer('instances', { min: 1, max: 10_000, default: 1 }),
  /** Calls of one model at once in this instance, and with them the request bodies in memory. */
  MODEL_MAX_CONCURRENCY: integer('calls', { min: 1, max: 1_000, default: 32 }),
  /** Pictures that may wait for one model in this instance. */
  MODEL_MAX_QUEUE: integer('pictures', { min: 0, max: 10_000, default: 100 }),
  /** The first rest of a model that fails; it doubles up to MODEL_MAX_REST_MS. */
  MODEL_REST_MS: integer('milliseconds', { min: 10, max: 600_000, default: 2_000 }),
  MODEL_MAX_REST_MS: integer('milliseconds', { min: 10, max: 3_600_000, default: 60_000 }),
  /** How long refused credentials or used-up credit pause the pipeline before it tries again. */
  REPAIR_PAUSE_MS: integer('milliseconds', { min: 100, max: 86_400_000, default: 900_000 }),
};

/** A picture at HIGH with its prompt, rounded up. */
const TOKENS_OF_A_PICTURE = 2_000;

type Config = z.infer<z.ZodObject<typeof gateVariables>>;

export const gateInvariants: readonly Invariant<Config & { FUNCTION_TIMEOUT_MS: number }>[] = [
  ({ MODEL_OVERALL_MS, FUNCTION_TIMEOUT_MS }) =>
    MODEL_OVERALL_MS < FUNCTION_TIMEOUT_MS
      ? undefined
      : 'MODEL_OVERALL_MS must be less than FUNCTION_TIMEOUT_MS: otherwise the platform ends the call before we do.',
  ({ MODEL_ATTEMPT_MS, MODEL_OVERALL_MS }) =>
    MODEL_ATTEMPT_MS <= MODEL_OVERALL_MS
      ? undefined
      : 'MODEL_ATTEMPT_MS must not be more than MODEL_OVERALL_MS.',
  ({ MODEL_REST_MS, MODEL_MAX_REST_MS }) =>
    MODEL_REST_MS <= MODEL_MAX_REST_MS ? undefined : 'MODEL_REST_MS must not be more than MODEL_MAX_REST_MS.',
  ({ MODEL_REQUESTS_PER_MINUTE, MAX_INSTANCES }) =>
    MODEL_REQUESTS_PER_MINUTE === 0 || MODEL_REQUESTS_PER_MINUTE >= MAX_INSTANCES
      ? undefined
      : 'MAX_INSTANCES must not be more than MODEL_REQUESTS_PER_MINUTE: otherwise an instance has less than one request per minute.',
  ({ MODEL_TOKENS_PER_MINUTE, MAX_INSTANCES }) =>
    MODEL_TOKENS_PER_MINUTE === 0 || MODEL_TOKENS_PER_MINUTE >= MAX_INSTANCES * TOKENS_OF_A_PICTURE
      ? undefined
      : `MODEL_TOKENS_PER_MINUTE must be at least ${TOKENS_OF_A_PICTURE} for each of MAX_INSTANCES: otherwise an instance cannot ask about one picture per minute.`,
];

/**
 * How long after its begin the function may still turn to a model: the model's whole patience should fit in what is left
 * of its time, or where the settings leave little room, a call and as much again.
 */
export const askWithin = (
  config: Pick<Config, 'MODEL_OVERALL_MS' | 'MODEL_ATTEMPT_MS'> & { FUNCTION_TIMEOUT_MS: number },
): number =>
  Math.max(
    config.FUNCTION_TIMEOUT_MS - config.MODEL_OVERALL_MS,
    (config.FUNCTION_TIMEOUT_MS - config.MODEL_ATTEMPT_MS) / 2,
  );

/** A call begins only while so much of an attempt's time is left to all calls: most are answered within it. */
const LEAST_OF_AN_ATTEMPT = 0.25;

/** So much time must be left for a call to begin. Milliseconds. */
export const leastCallMs = ({ attemptMs, overallMs }: Pick<GateOptions, 'attemptMs' | 'overallMs'>): number =>
  Math.min(attemptMs, overallMs) * LEAST_OF_AN_ATTEMPT;

/** Times in milliseconds. */
export interface GateOptions {
  /** Calls of one question, the first included. */
  maxAttempts: number;
  /** One call. */
  attemptMs: number;
  /** All questions under one signal, the waits between their calls included. */
  overallMs: number;
  /** Bounds of the waits that the server does not name. */
  baseMs: number;
  maxMs: number;
  /** Shares of this instance, of each model; 0 is unlimited. */
  requestsPerMinute: number;
  tokensPerMinute: number;
  /** Calls, and with them request bodies, of one model at once. */
  maxConcurrency: number;
  /** Questions that may wait for one model. */
  maxQueue: number;
  /** First and longest rest of a model that keeps failing. */
  restMs: number;
  maxRestMs: number;
  /** Pause of the pipeline while credentials or credit are being fixed. */
  repairMs: number;
  random?: () => number;
}

export const gateOptions = (config: Config): GateOptions => ({
  maxAttempts: config.MODEL_MAX_ATTEMPTS,
  attemptMs: config.MODEL_ATTEMPT_MS,
  overallMs: config.MODEL_OVERALL_MS,
  baseMs: config.MODEL_BACKOFF_MS,
  maxMs: config.MODEL_MAX_BACKOFF_MS,
  requestsPerMinute: share(config.MODEL_REQUESTS_PER_MINUTE, config.MAX_INSTANCES),
  tokensPerMinute: share(config.MODEL_TOKENS_PER_MINUTE, config.MAX_INSTANCES),
  maxConcurrency: config.MODEL_MAX_CONCURRENCY,
  maxQueue: config.MODEL_MAX_QUEUE,
  restMs: config.MODEL_REST_MS,
  maxRestMs: config.MODEL_MAX_REST_MS,
  repairMs: config.REPAIR_PAUSE_MS,
});

/** An instance's part of a quota; 0 stays unlimited. */
const share = (quota: number, instances: number): number => Math.floor(quota / instances);
