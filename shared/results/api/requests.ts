import { z } from 'zod';
import { LANES } from '../../prices/lanes.ts';
import { PATIENCE_FORM } from '../../profiles/lane-choice.ts';
import { VIEW_STATUSES } from '../statuses.ts';
import { resultIdSchema } from './result.ts';
import { webhookAddress } from './webhook-address.ts';

/** Limits that are the same for every deployment. */
export const LIMITS = {
  /** Results of one page of the list. */
  page: 200,
  /** Longest wait for a result, in seconds. */
  waitSeconds: 60,
  /** Bytes of a JSON body. */
  jsonBytes: 64_000,
  /** Bytes of the body that brings a profile with its reference pictures. */
  profileBytes: 8_000_000,
  /** Characters of path and query together. */
  uriLength: 4_000,
} as const;

const FIRST_STORABLE_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_STORABLE_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether Firestore knows such a time (https://protobuf.dev/reference/protobuf/google.protobuf/#timestamp). */
export const isStorable = (time: Date): boolean =>
  time.getTime() >= FIRST_STORABLE_MS && time.getTime() <= LAST_STORABLE_MS;

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

const PROFILE = 'name of a profile; the default one when left out';
const PROFILE_VERSION = 'a stored version of the profile, to try it; the active one when left out';
const UPLOADER = 'who sent the picture; in the cloud, the signed-in caller';
const REFRESH = 'true: ask the model again, whatever was answered about the same picture';
const WEBHOOK =
  'https address that is notified, signed, when the picture has ended; of a local cloud also http://127.0.0.1:PORT';

const LANE =
  'how it is served and billed: standard (seconds), flex (half the price, minutes), batch (half the price, within a day) or priority (dearer, first); that of the profile when left out';
const PATIENCE =
  'how long the answer may take, such as 30s, 15m or 24h; without a lane the cheapest that fits is taken';

const lane = z.enum(LANES).describe(LANE);
const patience = z
  .string()
  .regex(PATIENCE_FORM, 'expected a time of at most a week such as 30s, 15m or 24h')
  .describe(PATIENCE);

const webhook = webhookAddress.describe(WEBHOOK);

const profile = z.string().min(1).max(40).describe(PROFILE);
/** Of the pictures to be asked: the document names the profiles that there are. */
const askedProfile = profile.meta({ documentedAs: { $ref: '#/components/schemas/ProfileName' } });
const uploader = z
  .string()
  .min(1)
  .max(200)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'expected text without control characters')
  .describe(UPLOADER);

const profileVersion = wholeNumber(1, 999_999);

const scopedUploader = uploader
  .optional()
  .describe(
    'act for this uploader, whose pictures alone are then seen; in the cloud, oneself unless one may',
  );

/** Of every request about pictures that are there. */
export const scopeParameters = z.object({ uploader: scopedUploader });

const isEmptyText = (value: unknown): boolean => value === '';

/** A form sends an empty text for what was left out. */
const orEmpty = <S extends z.ZodType>(schema: S) => {
  const { description } = schema;
  const optional = z.preprocess((value) => (isEmptyText(value) ? undefined : value), schema.optional());
  return description === undefined ? optional : optional.describe(description);
};

/** Settings of a submit: parameters of the address, or fields of the form before its files. */
export const submitSettings = z.strictObject({
  profile: orEmpty(askedProfile),
  profileVersion: orEmpty(profileVersion).describe(PROFILE_VERSION),
  uploader: orEmpty(uploader),
  refresh: orEmpty(flag).describe(REFRESH),
  webhook: orEmpty(webhook),
  lane: orEmpty(lane),
  patience: orEmpty(patience),
});

/** In an address nothing stands for nothing: what is left out is not there. */
export const submitParameters = z.strictObject({
  profile: askedProfile.optional().describe(PROFILE),
  profileVersion: profileVersion.optional().describe(PROFILE_VERSION),
  uploader: uploader.optional().describe(UPLOADER),
  refresh: flag.optional().describe(REFRESH),
  webhook: webhook.optional().describe(WEBHOOK),
  lane: lane.optional().describe(LANE),
  patience: patience.optional().describe(PATIENCE),
  name: z.string().max(1_000).optional().describe('file name of a picture that is the bare body'),
});

export const submitHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 printable ASCII characters')
    .optional()
    .describe('repeating a submit with the same key gets the first answer for 24 hours'),
});

/** Content types of what can be answered; of any other it is known beforehand that it cannot. */
const PICTURE_TYPES: readonly string[] = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/heic-sequence',
  'image/heif-sequence',
  'image/tiff',
  'image/svg+xml',
  // Older names that some programs still send.
  'image/jpg',
  'image/pjpeg',
  'image/apng',
];

/** `POST /v1/uploads` */
export const uploadRequest = z
  .strictObject({
    fileName: z.string().max(1_000).default(''),
    contentType: z
      .string()
      .refine((type) => PICTURE_TYPES.includes(type), `expected one of ${PICTURE_TYPES.join(', ')}`)
      .meta({ documentedAs: { type: 'string', enum: PICTURE_TYPES } })
      .describe('the upload must carry exactly this Content-Type'),
    bytes: z.number().int().min(1).exactOptional().describe('size of the file, if it is known'),
    profile: askedProfile.exactOptional(),
    profileVersion: z.number().int().min(1).exactOptional().describe(PROFILE_VERSION),
    uploader: uploader.regex(/^[\x20-\x7e]*$/, 'expected plain ASCII').exactOptional(),
    refresh: z.boolean().default(false),
    webhook: webhook.exactOptional(),
    lane: lane.exactOptional(),
    patience: patience.exactOptional(),
  })
  .meta({ id: 'UploadRequest' });

export type UploadRequest = z.input<typeof uploadRequest>;

/** Of any profile, there or not. */
export const profileInPath = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/)
    .describe('name of the profile: lower-case letters, digits and dashes'),
});

export const versionInPath = profileInPath.extend({
  version: wholeNumber(1, 999_999).describe('number of one of its versions'),
});

export const profilesParameters = z.strictObject({
  days: wholeNumber(1, 31).optional().describe('tells the use of these days too, up to today, in UTC'),
});

export const pushParameters = z.strictObject({
  dryRun: flag.optional().describe('true: nothing is changed; the answer says what would be'),
});

export const idInPath = z.object({ id: resultIdSchema });

/** Seconds and nanoseconds of a moment, and an id: where a page ended. */
export const CURSOR: RegExp = /^(-?[0-9]{1,11})\.([0-9]{9})\.([0-9a-f]{32})$/;

export const listParameters = z.strictObject({
  limit: wholeNumber(1, LIMITS.page).optional().describe('results of one page; 50 when left out'),
  profile: z.string().min(1).max(40).optional().describe('only results of this profile'),
  status: z.enum(VIEW_STATUSES).optional().describe(VIEW_STATUSES.join(', ')),
  uploader: scopedUploader,
  from: z.iso
    .datetime({ offset: true, error: 'expected a time such as 2026-11-20T08:00:00Z' })
    .transform((text) => new Date(text))
    .refine(isStorable, 'expected a time from the year 1 to 9999')
    .optional()
    .describe('only results made at or after this moment'),
  cursor: z
    .string()
    .regex(CURSOR, 'expected the nextCursor of a page')
    .optional()
    .describe('`nextCursor` of the page before'),
});

export const showParameters = z.strictObject({
  wait: wholeNumber(0, LIMITS.waitSeconds)
    .optional()
    .describe('seconds to wait for the picture to end before answering what there is'),
  uploader: scopedUploader,
});

export const pictureParameters = z.object({
  v: z.string().optional().describe('version in the address of a result'),
  uploader: scopedUploader,
});

export const eventHeaders = z.object({
  'last-event-id': z.string().optional().describe('brings what changed since that event'),
});

export const costParameters = z.strictObject({
  days: wholeNumber(1, 31).optional().describe('up to today, in UTC; 1 when left out'),
  uploader: scopedUploader,
});

const note = z.string().min(1).max(1_000).exactOptional();

/** `POST /v1/results/{id}/feedback` */
export const feedbackRequest = z
  .discriminatedUnion('verdict', [
    z.strictObject({ verdict: z.literal('right'), note }).meta({ id: 'FeedbackRight' }),
    z.strictObject({ verdict: z.literal('wrong'), note }).meta({ id: 'FeedbackWrong' }),
    z
      .strictObject({
        verdict: z.literal('corrected'),
        fields: z
          .record(z.string().max(100), z.unknown())
          // An empty one is answered as a correction that corrects nothing.
          .meta({ id: 'CorrectedFields', minProperties: 1 })
          .describe('the fields of the answer that were wrong, as they should be'),
        note,
      })
      .meta({ id: 'FeedbackCorrected' }),
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

/** Of every request about answers that wait for a person. */
export const reviewParameters = z.strictObject({
  profile: z.string().min(1).max(40).optional().describe('only answers of this profile'),
  uploader: scopedUploader,
});

/** `POST /v1/results/{id}/review` */
export const passRequest = z
  .strictObject({
    pass: z.enum(['skip', 'release']).describe('skip: to the end of the queue; release: back to its place'),
  })
  .meta({ id: 'PassRequest' });
