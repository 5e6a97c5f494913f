import { z } from 'zod';
import { integer } from '../base/config.ts';

/** Who answers while no model can; the functions of both stages get the same value. */
export const fallbackChoice = {
  FALLBACK: z.enum(['none', 'local-reader'], { error: 'expected none or local-reader' }).default('none'),
};

/** Variables of everything that minds the control documents. */
export const controlVariables = {
  /** How long an instance relies on what it last read of the pauses. */
  CONTROL_CACHE_MS: integer('milliseconds', { min: 50, max: 60_000, default: 3_000 }),
};

/** Variables of every function that works under a claim. Milliseconds. */
export const leaseVariables = {
  /** The platform ends a call after this time; ours is a little earlier where it can be. */
  FUNCTION_TIMEOUT_MS: integer('milliseconds', { min: 500, max: 540_000, default: 60_000 }),
  /** How long a claim holds; another instance may take over afterward. */
  LEASE_MS: integer('milliseconds', { min: 1_000, max: 900_000, default: 75_000 }),
};

/** A live instance must never lose its claim: its function ends before its lease does. */
export const leaseOutlastsFunction = (config: {
  LEASE_MS: number;
  FUNCTION_TIMEOUT_MS: number;
}): string | undefined =>
  config.LEASE_MS > config.FUNCTION_TIMEOUT_MS
    ? undefined
    : 'LEASE_MS must be longer than FUNCTION_TIMEOUT_MS: otherwise two instances work on one image.';

/** Variables of everything that opens the result documents. */
export const resultsVariables = {
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
  FIRESTORE_DATABASE: z.string().default('(default)'),
  MAX_EXECUTIONS: integer('executions', { min: 2, max: 100, default: 12 }),
  /** An image that nothing has happened to for this long is taken up by the sweep; longer than Pub/Sub's longest backoff. */
  STALE_MS: integer('milliseconds', { min: 500, max: 86_400_000, default: 900_000 }),
  RESULT_RETENTION_DAYS: integer('days', { min: 0, max: 36_500, default: 0 }),
};
