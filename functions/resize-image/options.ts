import type { z } from 'zod';
import { flag, type Invariant, integer, text } from '../../shared/base/config.ts';
import { profilesVariables } from '../../shared/profiles/options.ts';
import {
  controlVariables,
  fallbackChoice,
  leaseOutlastsFunction,
  leaseVariables,
  resultsVariables,
} from '../../shared/results/options.ts';
import { webhookAddressVariables } from '../../shared/results/webhooks/address.ts';
import { doorbellVariables } from '../../shared/results/webhooks/doorbell.ts';

const MEGAPIXEL = 1_000_000;

/** Variables of resize-image. Times in milliseconds. */
export const resizeVariables = {
  ...profilesVariables,
  ...resultsVariables,
  ...leaseVariables,
  ...doorbellVariables,
  ...webhookAddressVariables,
  ...controlVariables,
  ...fallbackChoice,
  UPLOADS_BUCKET: text('the name of the bucket that people upload to'),
  PREPARED_BUCKET: text('the name of the bucket for prepared pictures'),
  MAX_BYTES: integer('bytes', { min: 1_000, max: 500_000_000, default: 50_000_000 }),
  MAX_PIXELS: integer('pixels', { min: 1_000, max: 500 * MEGAPIXEL, default: 100 * MEGAPIXEL }),
  /** Pictures in work hold at most this many pixels together; more wait their turn. */
  MAX_PIXELS_IN_FLIGHT: integer('pixels', {
    min: MEGAPIXEL,
    max: 1_000 * MEGAPIXEL,
    default: 50 * MEGAPIXEL,
  }),
  /** Whether deleting an upload deletes its prepared picture and its result. */
  DELETE_WITH_UPLOAD: flag(true),
  RESIZE_TIME_LIMIT_MS: integer('milliseconds', { min: 100, max: 500_000, default: 30_000 }),
};

type Config = z.infer<z.ZodObject<typeof resizeVariables>>;

export const resizeInvariants: readonly Invariant<Config>[] = [
  ({ UPLOADS_BUCKET, PREPARED_BUCKET }) =>
    UPLOADS_BUCKET === PREPARED_BUCKET
      ? 'UPLOADS_BUCKET and PREPARED_BUCKET must differ: a function that writes where it reads calls itself for ever.'
      : undefined,
  leaseOutlastsFunction,
  ({ RESIZE_TIME_LIMIT_MS, FUNCTION_TIMEOUT_MS }) =>
    RESIZE_TIME_LIMIT_MS < FUNCTION_TIMEOUT_MS
      ? undefined
      : 'RESIZE_TIME_LIMIT_MS must be less than FUNCTION_TIMEOUT_MS: otherwise a slow picture is never refused.',
];
