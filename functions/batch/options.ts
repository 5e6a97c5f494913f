import { z } from 'zod';
import { type Invariant, integer } from '../../shared/base/config.ts';
import { pubsubVariables } from '../../shared/cloud/pubsub.ts';
import { backendInvariants, backendVariables } from '../../shared/model/gemini/backends.ts';
import { auditVariables } from '../../shared/money/audit.ts';
import { spendVariables } from '../../shared/money/options.ts';
import { profilesVariables } from '../../shared/profiles/options.ts';
import { batchTimes } from '../../shared/results/batches/waiting.ts';
import { controlVariables, resultsVariables } from '../../shared/results/options.ts';
import { doorbellVariables } from '../../shared/results/webhooks/doorbell.ts';

/** Variables of batch. Times in milliseconds. */
export const batchVariables = {
  ...profilesVariables,
  ...resultsVariables,
  ...controlVariables,
  ...doorbellVariables,
  ...backendVariables,
  ...spendVariables,
  ...auditVariables,
  ...batchTimes,
  GOOGLE_CLOUD_PROJECT: pubsubVariables.GOOGLE_CLOUD_PROJECT,
  PREPARED_TOPIC: pubsubVariables.PREPARED_TOPIC,
  /** With Vertex AI, requests and answers lie there, below `batches/`. */
  PREPARED_BUCKET: z.string().default('prepared'),
  /** The platform ends a run after this time; it stops beginning things well before. */
  FUNCTION_TIMEOUT_MS: integer('milliseconds', { min: 2_000, max: 3_500_000, default: 520_000 }),
  /** How long a job is this instance's after each sign of life; longer than any one call of a run. */
  BATCH_LEASE_MS: integer('milliseconds', { min: 1_000, max: 3_600_000, default: 180_000 }),
  /** A job is begun as soon as this many pictures wait, or one of them for BATCH_COLLECT_MS. */
  BATCH_PICTURES: integer('pictures', { min: 1, max: 200_000, default: 500 }),
  BATCH_COLLECT_MS: integer('milliseconds', { min: 0, max: 86_400_000, default: 600_000 }),
  /** One job: Google takes 200,000 requests and 2 GB. What expires as a whole is better small. */
  BATCH_MAX_PICTURES: integer('pictures', { min: 1, max: 200_000, default: 10_000 }),
  BATCH_MAX_BYTES: integer('bytes', { min: 1_000, max: 2_000_000_000, default: 1_900_000_000 }),
  /** Tokens of a model in all jobs under way; Google's limit of the first usage tier is 3 million for the larger models. */
  BATCH_MAX_TOKENS: integer('tokens', { min: 1_000, max: 1_000_000_000, default: 10_000_000 }),
  /** Jobs under way; Google takes 100. */
  BATCH_MAX_JOBS: integer('jobs', { min: 1, max: 100, default: 90 }),
  /** How often a job under way is looked at. */
  BATCH_POLL_MS: integer('milliseconds', { min: 10, max: 3_600_000, default: 240_000 }),
  /** A creation whose answer was lost is tried again after this time, if the job is not there. */
  BATCH_CREATE_SETTLE_MS: integer('milliseconds', { min: 10, max: 3_600_000, default: 180_000 }),
  /** A job that was cancelled and does not end counts as lost after this time. */
  BATCH_CANCEL_GRACE_MS: integer('milliseconds', { min: 10, max: 86_400_000, default: 900_000 }),
  /** How long refused credentials or used-up credit pause the pipeline before it tries again. */
  REPAIR_PAUSE_MS: integer('milliseconds', { min: 100, max: 86_400_000, default: 900_000 }),
};

type Config = z.infer<z.ZodObject<typeof batchVariables>>;

export const batchInvariants: readonly Invariant<Config>[] = [...backendInvariants];
