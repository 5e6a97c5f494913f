import { integer } from '../config/variables.ts';

/** Variables of everything that minds the control documents. */
export const controlVariables = {
  /** How long an instance relies on what it last read of the pauses. */
  CONTROL_CACHE_MS: integer('milliseconds', { min: 50, max: 60_000, default: 3_000 }),
};
