import { z } from 'zod';
import { VIEW_STATUSES } from '../statuses.ts';
import { resultIdSchema } from './result.ts';

/** Limits that are the same for every deployment. */
export const LIMITS = {
  /** Results of one page of the list. */
  page: 200,
  /** Longest wait for a result, in seconds. */
  waitSeconds: 60,
  /** Bytes of a JSON body. */
  jsonBytes: 64_000,
  /** Characters of path and query together. */
  uriLength: 4_000,
} as const;

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().int().min(min).max(max))
    .meta({ documentedAs: { type: 'integer', minimum: min, maximum: max } });

const flag = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .transform((text) => text === 'true')
  .meta({ documentedAs: { type: 'boolean' } });

/** Travels in a header of the upload: plain ASCII. */
const webhook = z
  .url({ protocol: /^https$/, hostname: /^.+$/, error: 'expected an https address' })
  .max(1_000)
  .regex(/^[\x21-\x7e]+$/, 'expected plain ASCII')
  .describe('https address that is told, signed, when the picture has ended');

const profile = z.string().min(1).max(40).describe('name of a profile; the default one when left out');
const uploader = z
  .string()
  .min(1)
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'expected text without control characters')
  .describe('who sent the picture; in the cloud, the signed-in caller');

const isEmptyText = (value: unknown): boolean => value === '';

/** A form sends an empty text for what was left out. */
const orEmpty = <S extends z.ZodType>(schema: S) => {
  const { description } = schema;
  const optional = z.preprocess((value) => (isEmptyText(value) ? undefined : value), schema.optional());
  return description === undefined ? optional : optional.describe(description);
};

/** Settings of a submit: parameters of the address, or fields of the form before its files. */
export const submitSettings = z.strictObject({
  profile: orEmpty(profile),
  uploader: orEmpty(uploader),
  refresh: orEmpty(flag).describe('true: ask the model anew, whatever was answered about the same picture'),
  webhook: orEmpty(webhook),
});

export const submitParameters = submitSettings.extend({
  name: z.string().max(1_000).optional().describe('file name of a picture that is the bare body'),
});

export const submitHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable ASCII characters')
    .optional()
    .describe('repeating a submit with the same key gets the first answer for 24 hours'),
});

/** `POST /v1/uploads` */
export const uploadRequest = z
  .strictObject({
    fileName: z.string().max(1_000).default(''),
    contentType: z
      .string()
      .regex(/^image\/[a-z0-9.+-]{1,60}$/, 'expected a type such as image/jpeg')
      .describe('the upload must carry exactly this Content-Type'),
    bytes: z.number().int().min(1).exactOptional().describe('size of the file, if it is known'),
    profile: profile.exactOptional(),
    uploader: uploader.regex(/^[\x20-\x7e]*$/, 'expected plain ASCII').exactOptional(),
    refresh: z.boolean().default(false),
    webhook: webhook.exactOptional(),
  })
  .meta({ id: 'UploadRequest' });

export type UploadRequest = z.input<typeof uploadRequest>;

export const idInPath = z.object({ id: resultIdSchema });

export const listParameters = z.strictObject({
  limit: wholeNumber(1, LIMITS.page).optional().describe('results of one page; 50 when left out'),
  profile: z.string().min(1).max(40).optional().describe('only results of this profile'),
  status: z.enum(VIEW_STATUSES).optional().describe(VIEW_STATUSES.join(', ')),
  uploader: uploader.optional().describe('only pictures that this uploader sent'),
  from: z.iso
    .datetime({ offset: true, error: 'expected a time such as 2026-11-20T08:00:00Z' })
    .transform((text) => new Date(text))
    .optional()
    .describe('only results made at or after this moment'),
  cursor: z.string().min(1).max(400).optional().describe('`nextCursor` of the page before'),
});

export const showParameters = z.strictObject({
  wait: wholeNumber(0, LIMITS.waitSeconds)
    .optional()
    .describe('seconds to wait for the picture to end before answering what there is'),
});

export const pictureParameters = z.object({
  v: z.string().max(100).optional().describe('version in the address of a result'),
});

export const eventHeaders = z.object({
  'last-event-id': z.string().optional().describe('brings what changed since that event'),
});

export const costParameters = z.strictObject({
  days: wholeNumber(1, 31).optional().describe('up to today, in UTC; 1 when left out'),
});

const note = z.string().min(1).max(1_000).exactOptional();

/** `POST /v1/results/{id}/feedback` */
export const feedbackRequest = z
  .discriminatedUnion('verdict', [
    z.strictObject({ verdict: z.literal('right'), note }),
    z.strictObject({ verdict: z.literal('wrong'), note }),
    z.strictObject({
      verdict: z.literal('corrected'),
      fields: z
        .record(z.string().max(100), z.unknown())
        .describe('the fields of the answer that were wrong, as they should be'),
      note,
    }),
  ])
  .meta({ id: 'FeedbackRequest' });

export type FeedbackRequest = z.infer<typeof feedbackRequest>;

/** `POST /v1/results/{id}/replay` */
export const replayRequest = z
  .strictObject({
    anew: z.boolean().default(false).describe('prepare the picture again as well'),
  })
  .meta({ id: 'ReplayRequest' });

export type ReplayRequest = z.input<typeof replayRequest>;
