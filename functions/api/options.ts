import { z } from 'zod';
import { integer, text } from '../../shared/base/config.ts';
import { LOOPBACK_NAMES } from '../../shared/base/loopback.ts';
import { pubsubVariables } from '../../shared/cloud/pubsub.ts';
import { profilesVariables } from '../../shared/profiles/options.ts';
import { controlVariables, resultsVariables } from '../../shared/results/options.ts';
import { webhookAddressVariables } from '../../shared/results/webhooks/address.ts';

/** No deployment takes larger files: they are held in memory while they are prepared. */
export const GREATEST_MAX_BYTES = 500_000_000;

/** Comma-separated. */
const list = (item: z.ZodString) =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    )
    .pipe(z.array(item));

/** Variables of api. Times in milliseconds. */
export const apiVariables = {
  ...profilesVariables,
  FIRESTORE_DATABASE: resultsVariables.FIRESTORE_DATABASE,
  STALE_MS: resultsVariables.STALE_MS,
  ...controlVariables,
  ...pubsubVariables,
  ...webhookAddressVariables,
  UPLOADS_BUCKET: text('the name of the bucket that people upload to'),
  PREPARED_BUCKET: text('the name of the bucket for prepared pictures'),
  /** What people judged right is kept this long, with its picture; 0: as long as the upload. */
  LABEL_RETENTION_DAYS: integer('days', { min: 0, max: 36_500, default: 0 }),
  MAX_BYTES: integer('bytes', { min: 1_000, max: GREATEST_MAX_BYTES, default: 50_000_000 }),
  /** Folder of the built page, from the working directory. */
  WEB_DIR: z.string().default('dist/web'),
  /** Host names that requests may be addressed to, comma-separated; `*` allows all. */
  ALLOWED_HOSTS: z.string().optional(),
  /** Origins of other sites whose pages may use the API, comma-separated, such as https://shop.example.com. */
  ALLOWED_ORIGINS: list(
    z.string().regex(/^https?:\/\/[^/*\s]+$/, 'expected origins such as https://shop.example.com'),
  ),
  /** Whose pictures callers see and touch: `own`, what they uploaded themselves, or `team`, everybody's. */
  API_VISIBILITY: z.enum(['own', 'team'], { error: 'expected own or team' }).default('own'),
  /** E-mail addresses of callers that see and touch everybody's pictures, comma-separated. */
  API_OPERATORS: list(z.string()),
  /** E-mail addresses of callers that may act for any uploader that they state, comma-separated. */
  DELEGATES: list(z.string()),
  /** Requests per second of one caller in the long run, and at once after a rest; of each instance. */
  RATE_PER_SECOND: integer('requests per second', { min: 1, max: 100_000, default: 50 }),
  RATE_BURST: integer('requests', { min: 1, max: 100_000, default: 500 }),
  /** Event streams that may be open at the same time. */
  MAX_LISTENERS: integer('streams', { min: 1, max: 100_000, default: 500 }),
  /** Requests that may wait for results at the same time; further ones are answered at once. */
  MAX_WAITERS: integer('requests', { min: 0, max: 100_000, default: 1_000 }),
  /** Figures of /v1/stats and /v1/cost may be this old. */
  FIGURES_CACHE_MS: integer('milliseconds', { min: 0, max: 3_600_000, default: 15_000 }),
  /** Newest results that the figures of /v1/stats are of; each is read again every FIGURES_CACHE_MS at most. */
  STATS_SAMPLE: integer('results', { min: 1, max: 1_000, default: 300 }),
  /** Set where Cloud Storage is played by a server of this machine; the page names it in its commands. */
  STORAGE_EMULATOR_HOST: z.string().optional(),
  /** What answers for the model, said on the page. */
  ANSWERED_BY: z
    .enum(['gemini', 'local-reader'], { error: 'expected gemini or local-reader' })
    .default('gemini'),
  /** Uploads that move at the same time, of about a megabyte each; further ones wait with their bodies unread. */
  MAX_UPLOADS: integer('uploads', { min: 1, max: 10_000, default: 64 }),
  /** An upload on which nothing moves for this long is given up. */
  UPLOAD_IDLE_MS: integer('milliseconds', { min: 100, max: 540_000, default: 60_000 }),
  /** Pause between signs of life on a quiet event stream: proxies close streams that are silent for a minute. */
  HEARTBEAT_MS: integer('milliseconds', { min: 50, max: 60_000, default: 15_000 }),
};

type Config = z.infer<z.ZodObject<typeof apiVariables>>;

/**
 * Names that a request's Host header may have, or `any`. On a person's machine only the loopback names: a web page that
 * points its own name at 127.0.0.1 (DNS rebinding) is refused. In the cloud the platform checks the caller.
 */
export function allowedHosts({ ALLOWED_HOSTS, K_SERVICE }: Config): readonly string[] | 'any' {
  if (ALLOWED_HOSTS === undefined) return K_SERVICE === undefined ? LOOPBACK_NAMES : 'any';
  const names = ALLOWED_HOSTS.split(',').map((name) => name.trim().toLowerCase());
  return names.includes('*') ? 'any' : names.filter((name) => name !== '');
}
