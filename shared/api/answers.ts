import { z } from 'zod';
import { resultId, resultView } from './result.ts';

/** What `POST /v1/images` answers for each accepted picture. */
export const accepted = z
  .object({
    id: resultId,
    status: z.literal('queued'),
    /** Of the object in the uploads bucket. */
    name: z.string(),
    resultUrl: z.string(),
  })
  .meta({ id: 'Accepted' });

export type Accepted = z.infer<typeof accepted>;

/** What it answers for several. */
export const acceptedMany = z.object({ images: z.array(accepted) }).meta({ id: 'AcceptedMany' });

/** `GET /v1/results` */
export const resultPage = z
  .object({
    results: z.array(resultView),
    nextCursor: z
      .string()
      .nullable()
      .describe('hand it back as `cursor` for the following page; null at the end'),
  })
  .meta({ id: 'ResultPage' });

export type ResultPage = z.infer<typeof resultPage>;

const profileView = z
  .object({
    name: z.string(),
    version: z.number().int(),
    isDefault: z.boolean(),
    prompt: z.string().describe('what is asked of the picture'),
    maxSide: z.number().int().describe('long side of the prepared picture, in pixels'),
    schema: z.record(z.string(), z.unknown()).describe('JSON Schema of the answer'),
  })
  .meta({ id: 'Profile' });

export type ProfileView = z.infer<typeof profileView>;

/** `GET /v1/profiles` */
export const profileList = z.object({ profiles: z.array(profileView) }).meta({ id: 'ProfileList' });

/** `GET /v1/status`: what the page and programs must know about this deployment. */
export const serviceStatus = z
  .object({
    answeredBy: z
      .enum(['gemini', 'local-reader'])
      .describe("Google's Gemini, or the reader on this machine that stands in for it"),
    uploadsBucket: z.string(),
    storageEndpoint: z
      .string()
      .nullable()
      .describe('where Cloud Storage is played by a server of this machine; null in the cloud'),
    maxBytes: z.number().int().describe('of one file'),
  })
  .meta({ id: 'ServiceStatus' });

export type ServiceStatus = z.infer<typeof serviceStatus>;
