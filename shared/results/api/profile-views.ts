import { z } from 'zod';
import { PROFILE_ACTIONS } from '../../profiles/store/profile-documents.ts';

const time = z.iso.datetime();
const version = z.number().int().describe('the next number with each change of the content');
const by = z
  .string()
  .nullable()
  .describe('who did it; null for a deployment, and to callers that see their own pictures only');
const answerSchema = z.record(z.string(), z.unknown()).describe('JSON Schema of the answer');
const priceUsdPer1000 = z
  .number()
  .describe(
    'expected for 1,000 pictures that the first step of the ladder answers in the lane of the profile, in US dollars',
  );

const use = z
  .object({
    days: z.number().int(),
    images: z.number().int().describe('that ended in these days'),
    usdPer1000: z.number().nullable().describe('what they cost; null without any'),
    judged: z
      .number()
      .int()
      .describe('answers of the active version that a person judged, of all that are stored'),
    right: z.number().int().describe('how many of them were right'),
  })
  .meta({ id: 'ProfileUse' });

const profileView = z
  .object({
    name: z.string(),
    version,
    isDefault: z.boolean(),
    prompt: z.string().describe('what is asked of the picture'),
    maxSide: z.number().int().describe('long side of the prepared picture, in pixels'),
    schema: answerSchema,
    use: use.exactOptional().describe('to callers that see everything, where `days` is given'),
  })
  .meta({ id: 'Profile' });

export type ProfileView = z.infer<typeof profileView>;

/** `GET /v1/profiles` */
export const profileList = z.object({ profiles: z.array(profileView) }).meta({ id: 'ProfileList' });

const reference = z
  .object({
    file: z.string(),
    caption: z.string(),
    bytes: z.number().int(),
    width: z.number().int().describe('pixels'),
    height: z.number().int().describe('pixels'),
    sha256: z.string(),
  })
  .meta({ id: 'ReferencePicture' });

/** `GET /v1/profiles/{name}/versions/{version}` */
export const profileVersionView = z
  .object({
    name: z.string(),
    version,
    isActive: z.boolean(),
    text: z.string().describe('the file, as it was written'),
    content: z.record(z.string(), z.unknown()).describe('the same, read'),
    schema: answerSchema,
    references: z.array(reference),
    priceUsdPer1000,
    at: time,
    by,
  })
  .meta({ id: 'ProfileVersion' });

export type ProfileVersionView = z.infer<typeof profileVersionView>;

/** `GET /v1/profiles/{name}` */
export const profileDetails = z
  .object({
    name: z.string(),
    isDefault: z.boolean(),
    active: profileVersionView.nullable().describe('null for a deleted profile'),
    versions: z
      .array(z.object({ version, at: time, by }).meta({ id: 'VersionEntry' }))
      .describe('newest first'),
    changes: z
      .array(
        z
          .object({
            action: z.enum(PROFILE_ACTIONS).describe('folder: by a deployment, or a file that was saved'),
            version: z.number().int().nullable().describe('the active one from then on'),
            at: time,
            by,
          })
          .meta({ id: 'ProfileChange' }),
      )
      .describe('newest first'),
  })
  .meta({ id: 'ProfileDetails' });

export type ProfileDetails = z.infer<typeof profileDetails>;

const fileProblem = z
  .object({
    text: z.string(),
    line: z.number().int().exactOptional(),
    column: z.number().int().exactOptional(),
  })
  .meta({ id: 'FileProblem' });

export const fileProblems = z.array(fileProblem);

/** What `POST /v1/profiles/{name}/versions` and `…/rollback` answer. */
export const profileChanged = z
  .object({
    name: z.string(),
    outcome: z
      .enum(['new', 'activated', 'unchanged', 'refused'])
      .describe(
        'activated: an earlier version is asked again; refused: only of a dry run, `problems` says why',
      ),
    version: z.number().int().nullable().describe('null where it is refused, and for a new one of a dry run'),
    isActive: z.boolean().describe('whether pictures are asked by it now'),
    problems: fileProblems,
    warnings: fileProblems,
    differences: z
      .array(
        z
          .object({
            path: z.string(),
            before: z.unknown().optional(),
            after: z.unknown().optional(),
          })
          .meta({ id: 'ProfileDifference' }),
      )
      .describe('from the version that was active to this one'),
    priceUsdPer1000: priceUsdPer1000.nullable().describe('null where it is refused'),
    priceBeforeUsdPer1000: z
      .number()
      .nullable()
      .describe('of the version that was active; null where none was'),
  })
  .meta({ id: 'ProfileChanged' });

export type ProfileChanged = z.infer<typeof profileChanged>;

const MAX_TEXT = 300_000;
const MAX_PICTURE_BASE64 = 1_400_000;
const MAX_PICTURES = 16;

/** `POST /v1/profiles/{name}/versions` */
export const pushRequest = z
  .strictObject({
    text: z.string().max(MAX_TEXT).describe('the file, in YAML or JSON'),
    pictures: z
      .array(
        z
          .strictObject({
            file: z.string().max(200),
            base64: z.base64().max(MAX_PICTURE_BASE64).describe('a JPEG or PNG without EXIF data'),
          })
          .meta({ id: 'PushedPicture' }),
      )
      .max(MAX_PICTURES)
      .default([])
      .describe('reference pictures that the active version does not have, or has otherwise'),
    activate: z.boolean().default(true).describe('false: kept beside the active one, to be tried'),
    basedOn: z
      .number()
      .int()
      .nullable()
      .exactOptional()
      .describe('refused with PROFILE_CHANGED unless this version is active; null: unless none is'),
  })
  .meta({ id: 'PushRequest' });

/** `POST /v1/profiles/{name}/rollback` */
export const rollbackRequest = z
  .strictObject({
    to: z.number().int().min(1).exactOptional().describe('the one before the active version when left out'),
  })
  .meta({ id: 'RollbackRequest' });
