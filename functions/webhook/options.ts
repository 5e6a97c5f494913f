import { z } from 'zod';
import { type Invariant, integer, text } from '../../shared/base/config.ts';
import { resultsVariables } from '../../shared/results/options.ts';
import { webhookAddressVariables } from '../../shared/results/webhooks/address.ts';
import { isSecret } from '../../shared/results/webhooks/signature.ts';

/** Variables of webhook. Times in milliseconds. */
export const webhookVariables = {
  FIRESTORE_DATABASE: resultsVariables.FIRESTORE_DATABASE,
  ...webhookAddressVariables,
  /** Receivers check with it that a delivery is ours. */
  WEBHOOK_SECRET: text('whsec_ and at least 24 random bytes in base64').refine(
    isSecret,
    'expected whsec_ and at least 24 random bytes in base64',
  ),
  /** Host names that may lie in a private network, comma-separated. */
  WEBHOOK_PRIVATE_HOSTS: z
    .string()
    .default('')
    .transform((names) => names.split(',').map((name) => name.trim().toLowerCase())),
  FUNCTION_TIMEOUT_MS: integer('milliseconds', { min: 2_000, max: 540_000, default: 110_000 }),
  /** One delivery may take this long. */
  WEBHOOK_ATTEMPT_MS: integer('milliseconds', { min: 100, max: 60_000, default: 10_000 }),
  /** After the first failure; it doubles with each further one, up to six hours. */
  WEBHOOK_FIRST_PAUSE_MS: integer('milliseconds', { min: 1, max: 3_600_000, default: 60_000 }),
  /** With a first pause of a minute, 14 attempts take a day and a half. */
  WEBHOOK_MAX_ATTEMPTS: integer('attempts', { min: 1, max: 100, default: 14 }),
  /** Results announced in one run of the schedule, and in parallel. */
  WEBHOOK_BATCH: integer('results', { min: 1, max: 5_000, default: 500 }),
  WEBHOOK_CONCURRENCY: integer('results', { min: 1, max: 100, default: 16 }),
};

type Config = z.infer<z.ZodObject<typeof webhookVariables>>;

export const webhookInvariants: readonly Invariant<Config>[] = [
  ({ WEBHOOK_ATTEMPT_MS, FUNCTION_TIMEOUT_MS }) =>
    WEBHOOK_ATTEMPT_MS < FUNCTION_TIMEOUT_MS
      ? undefined
      : 'WEBHOOK_ATTEMPT_MS must be less than FUNCTION_TIMEOUT_MS: otherwise a slow receiver ends the whole run.',
];
