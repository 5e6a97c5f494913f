import { z } from 'zod';
import type { Invariant } from '../../shared/config/load.ts';
import { integer, text } from '../../shared/config/variables.ts';
import { leaseOutlastsFunction, leaseVariables } from '../../shared/results/lease.ts';
import { resultsVariables } from '../../shared/results/options.ts';

/** Variables of analyze-image. Times in milliseconds. */
export const analyzeVariables = {
  ...resultsVariables,
  ...leaseVariables,
  GEMINI_API_KEY: text('an API key of the Gemini API'),
  /** Where the Gemini API is; not set means Google. */
  GEMINI_BASE_URL: z.url({ error: 'expected a URL such as http://127.0.0.1:8085' }).optional(),
  /** Calls of one question to one model, the first included. */
  MODEL_MAX_ATTEMPTS: integer('calls', { min: 1, max: 10, default: 5 }),
  MODEL_ATTEMPT_MS: integer('milliseconds', { min: 100, max: 300_000, default: 30_000 }),
  /** All calls of one question and the waits between them. */
  MODEL_OVERALL_MS: integer('milliseconds', { min: 100, max: 500_000, default: 50_000 }),
  MODEL_BACKOFF_MS: integer('milliseconds', { min: 1, max: 60_000, default: 500 }),
  MODEL_MAX_BACKOFF_MS: integer('milliseconds', { min: 1, max: 120_000, default: 20_000 }),
};

type Config = z.infer<z.ZodObject<typeof analyzeVariables>>;

export const analyzeInvariants: readonly Invariant<Config>[] = [
  leaseOutlastsFunction,
  ({ MODEL_OVERALL_MS, FUNCTION_TIMEOUT_MS }) =>
    MODEL_OVERALL_MS < FUNCTION_TIMEOUT_MS
      ? undefined
      : 'MODEL_OVERALL_MS must be less than FUNCTION_TIMEOUT_MS: otherwise the platform ends the call before we do.',
  ({ MODEL_ATTEMPT_MS, MODEL_OVERALL_MS }) =>
    MODEL_ATTEMPT_MS <= MODEL_OVERALL_MS
      ? undefined
      : 'MODEL_ATTEMPT_MS must not be more than MODEL_OVERALL_MS.',
];
