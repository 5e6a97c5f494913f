import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';
import { resultIdSchema, resultView } from './result.ts';

const place = {
  index: z.number().int().describe('place of the file in its form, from 0'),
  fileName: z.string().describe('as it was sent'),
};

/** What `POST /v1/images` answers for each accepted picture. */
export const accepted = z
  .object({
    ...place,
    id: resultIdSchema,
    status: z.literal('queued'),
    name: z.string().describe('of the object in the uploads bucket'),
    resultUrl: z.string(),
  })
  .meta({ id: 'Accepted' });

export type Accepted = z.infer<typeof accepted>;

/** What it answers for a file that is not stored although others are. */
const refusedFile = z
  .object({
    ...place,
    status: z.literal('refused'),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string(),
    hint: z.string(),
  })
  .meta({ id: 'RefusedFile' });

export const fileOutcome = accepted.or(refusedFile).meta({ id: 'FileOutcome' });

export type FileOutcome = z.infer<typeof fileOutcome>;

/** What it answers for several, in the order of the form. */
export const acceptedMany = z.object({ images: z.array(fileOutcome) }).meta({ id: 'AcceptedMany' });

export type AcceptedMany = z.infer<typeof acceptedMany>;

export const submitted = accepted.or(acceptedMany).meta({ id: 'Submitted' });

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

/** `GET /v1/reviews` */
export const reviewsWaiting = z
  .object({
    wanted: z
      .number()
      .int()
      .describe('answers that wait for a person, those that somebody looks at included'),
  })
  .meta({ id: 'ReviewsWaiting' });

export type ReviewsWaiting = z.infer<typeof reviewsWaiting>;

/** `POST /v1/reviews/next` */
export const reviewTurn = z
  .object({
    result: resultView,
    heldUntil: z.iso.datetime().describe('nobody else is offered it before'),
  })
  .meta({ id: 'ReviewTurn' });

export type ReviewTurnView = z.infer<typeof reviewTurn>;

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
    sees: z
      .enum(['everything', 'own'])
      .describe("whether the caller sees everybody's pictures, or what it uploaded itself"),
  })
  .meta({ id: 'ServiceStatus' });

export type ServiceStatus = z.infer<typeof serviceStatus>;

const count = z.number().int();

const deadLetter = z
  .object({
    object: z
      .string()
      .nullable()
      .describe('gs://bucket/name#generation; null for what is no event of a bucket'),
    id: resultIdSchema.nullable(),
    stage: z.enum(['resize', 'analyze']).describe('the stage that could not take it'),
    deliveries: count.nullable().describe('before it was given up'),
    publishedAt: z.iso.datetime(),
    fate: z
      .enum(['replay', 'settled', 'unreadable'])
      .describe('what a replay does with it: deliver it again, remove it, or leave it'),
    reason: z.string(),
  })
  .meta({ id: 'DeadLetter' });

/** `GET /v1/dead-letters` */
export const deadLetterList = z
  .object({ letters: z.array(deadLetter), hasMore: z.boolean() })
  .meta({ id: 'DeadLetterList' });

export type DeadLetterList = z.infer<typeof deadLetterList>;

/** `POST /v1/dead-letters/replay` */
export const deadLettersReplayed = z
  .object({
    replayed: count,
    removed: count.describe('had ended since'),
    left: count.describe('no events of a bucket'),
    hasMore: z.boolean().describe('true: ask again'),
  })
  .meta({ id: 'DeadLettersReplayed' });

export type DeadLettersReplayed = z.infer<typeof deadLettersReplayed>;

/** What `POST /v1/uploads` answers: one request that stores the picture straight in the bucket. */
export const uploadTicket = z
  .object({
    id: resultIdSchema,
    name: z.string().describe('of the object in the uploads bucket'),
    url: z.string().describe('signed address; anyone who has it may upload this one file'),
    method: z.literal('PUT'),
    headers: z.record(z.string(), z.string()).describe('signed too: send exactly these'),
    expiresAt: z.iso.datetime(),
    maxBytes: z.number().int(),
    resultUrl: z.string(),
  })
  .meta({ id: 'UploadTicket' });

export type UploadTicket = z.infer<typeof uploadTicket>;

/** What `POST /v1/results/{id}/replay` answers. */
export const replayed = z
  .object({
    id: resultIdSchema,
    status: z.literal('queued'),
    from: z.enum(['resize', 'analyze']).describe('the stage that it begins at'),
    resultUrl: z.string(),
  })
  .meta({ id: 'Replayed' });

export type Replayed = z.infer<typeof replayed>;
