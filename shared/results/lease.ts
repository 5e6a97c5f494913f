import { integer } from '../config/variables.ts';

/** Variables of every function that works under a claim. Milliseconds. */
export const leaseVariables = {
  /** The platform ends a call after this time; ours is a little earlier where it can be. */
  FUNCTION_TIMEOUT_MS: integer('milliseconds', { min: 500, max: 540_000, default: 60_000 }),
  /** How long a claim holds; another instance may take over afterwards. */
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
