import { z } from 'zod';
import { integer } from '../config/variables.ts';

/** Variables of everything that opens the result documents. */
export const resultsVariables = {
  GOOGLE_CLOUD_PROJECT: z.string().optional(),
  FIRESTORE_DATABASE: z.string().default('(default)'),
  MAX_EXECUTIONS: integer('executions', { min: 2, max: 100, default: 12 }),
  /** An image that nothing has happened to for so long is taken up by the sweep; longer than Pub/Sub's longest backoff. */
  STALE_MS: integer('milliseconds', { min: 500, max: 86_400_000, default: 900_000 }),
  RESULT_RETENTION_DAYS: integer('days', { min: 0, max: 36_500, default: 0 }),
};
