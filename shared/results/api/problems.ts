import { z } from 'zod';
import { accepted } from './answers.ts';

/** What can be wrong with a request itself, by code; failures of images have their own table. */
export const PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  UNKNOWN_PROFILE: { status: 400, title: 'There is no such profile' },
  UNAUTHENTICATED: { status: 401, title: 'Nobody knows who is asking' },
  FOREIGN_ORIGIN: { status: 403, title: 'Other sites may not change anything here' },
  FOREIGN_UPLOADER: { status: 403, title: 'Only some callers may upload for others' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method' },
  UPLOAD_STALLED: { status: 408, title: 'The body stopped arriving' },
  KEY_IN_USE: { status: 409, title: 'The same submit is in work' },
  NOT_ANSWERED: { status: 409, title: 'There is no answer to judge' },
  UNDER_WAY: { status: 409, title: 'The picture is being worked on' },
  TOO_MANY_BYTES: { status: 413, title: 'The file is too large' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  URI_TOO_LONG: { status: 414, title: 'The address is too long' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is of a kind that is not taken' },
  FOREIGN_HOST: { status: 421, title: 'This server does not go by that name' },
  KEY_REUSED: { status: 422, title: 'The key belongs to another request' },
  INVALID_CORRECTION: { status: 422, title: 'The correction is no answer of this profile' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  STORAGE_UNAVAILABLE: { status: 503, title: 'Cloud Storage does not answer' },
  STORE_UNAVAILABLE: { status: 503, title: 'Firestore does not answer' },
  EVENTS_UNAVAILABLE: { status: 503, title: 'Pub/Sub does not answer' },
  PAGE_NOT_BUILT: { status: 503, title: 'The page is not built' },
  TOO_MANY_LISTENERS: { status: 503, title: 'Too many event streams are open' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is answered instead of the wanted thing: RFC 9457 with a code for programs and a hint for people. */
export const problem = z
  .object({
    /** `urn:problem:` and the code in lower case. */
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('one sentence: what is wrong with this request'),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    hint: z.string().describe('one sentence: what to do next'),
    images: z.array(accepted).exactOptional().describe('files before the refused one, which are accepted'),
    resultStatus: z.literal('not_found').exactOptional(),
  })
  .meta({ id: 'Problem' });

export type ProblemView = z.infer<typeof problem>;
