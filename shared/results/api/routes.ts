import type { z } from 'zod';
import {
  acceptedMany,
  deadLetterList,
  deadLettersReplayed,
  replayed,
  resultPage,
  reviewsWaiting,
  reviewTurn,
  serviceStatus,
  submitted,
  uploadTicket,
} from './answers.ts';
import { batchInPath, batchList, batchView } from './batch-views.ts';
import { cost, stats } from './figures.ts';
import type { ProblemCode } from './problem-codes.ts';
import {
  profileChanged,
  profileDetails,
  profileList,
  profileVersionView,
  pushRequest,
  rollbackRequest,
} from './profile-views.ts';
import {
  costParameters,
  eventHeaders,
  feedbackRequest,
  idInPath,
  listParameters,
  passRequest,
  pictureParameters,
  profileInPath,
  profilesParameters,
  pushParameters,
  replayRequest,
  reviewParameters,
  scopeParameters,
  showParameters,
  submitHeaders,
  submitParameters,
  uploadRequest,
  versionInPath,
} from './requests.ts';
import { anyResult, resultView } from './result.ts';

/** What a body or an answer is made of: JSON of that shape, or bytes of that content type. */
export type Content = z.ZodType | readonly string[];

export interface RouteAnswer {
  meaning: string;
  content?: Content;
  headers?: Readonly<Record<string, string>>;
}

/** One operation of the API: what is served, documented, checked by tests and offered by the client. */
export interface Route {
  method: 'get' | 'post' | 'delete';
  /** With `{id}` for what varies. */
  path: string;
  summary: string;
  /** More, in Markdown. */
  about?: string;
  inPath?: z.ZodObject;
  inQuery?: z.ZodObject;
  inHeaders?: z.ZodObject;
  body?: { meaning: string; required: boolean; content: Content };
  answers: Readonly<Record<number, RouteAnswer>>;
  problems: readonly ProblemCode[];
}

/** What any operation may answer. */
export const PROBLEMS_OF_ALL: readonly ProblemCode[] = [
  'UNAUTHENTICATED',
  'URI_TOO_LONG',
  'FOREIGN_HOST',
  'RATE_LIMITED',
];

/** What any operation that changes something may answer. */
export const PROBLEMS_OF_CHANGES: readonly ProblemCode[] = ['FOREIGN_ORIGIN'];

/** Every operation on pictures that are there has a scope: whose they may be. */
const SCOPED = ['INVALID_REQUEST', 'FOREIGN_UPLOADER'] as const;

const JSON_BODY = ['INVALID_REQUEST', 'UPLOAD_STALLED', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;

export const ROUTES = {
  submitImages: {
    method: 'post',
    path: '/v1/images',
    summary: 'Submit pictures',
    about:
      'Send `multipart/form-data` with one or several files (fields before the files), or one picture as the bare ' +
      'body. Bodies are streamed into the bucket. `images` has the files in the order of the form, each with its index and ' +
      'the file name as sent; a file that is refused does not stop the others. A form with a misplaced, repeated or ' +
      'unknown field is refused whole and leaves nothing. With an `Idempotency-Key`, each file of a form is remembered ' +
      'by its place; a picture that was deleted since is stored again.',
    inQuery: submitParameters,
    inHeaders: submitHeaders,
    body: {
      meaning:
        'The picture, or a form with `file` parts and the fields `profile`, `profileVersion`, `uploader`, `refresh`, `webhook`.',
      required: true,
      content: ['multipart/form-data', 'image/*', 'application/octet-stream'],
    },
    answers: {
      202: {
        meaning: 'Stored; the answer appears at `resultUrl`.',
        content: submitted,
        headers: { Location: 'Address of the result, when there is one file.' },
      },
      207: {
        meaning: 'Some files are stored, and `images` says why the others are not.',
        content: acceptedMany,
      },
    },
    problems: [
      'INVALID_REQUEST',
      'UNKNOWN_PROFILE',
      'UNKNOWN_VERSION',
      'FOREIGN_UPLOADER',
      'UPLOAD_STALLED',
      'KEY_IN_USE',
      'TOO_MANY_BYTES',
      'UNSUPPORTED_MEDIA_TYPE',
      'KEY_REUSED',
      'STORAGE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
    ],
  },
  createUpload: {
    method: 'post',
    path: '/v1/uploads',
    summary: 'Get an address to upload to',
    about:
      'For a browser or a phone: the file goes straight to Cloud Storage. Content type and size are part of the ' +
      'signature, and the address works once. The id is known before anything is uploaded.',
    body: { meaning: 'What will be uploaded.', required: true, content: uploadRequest },
    answers: {
      201: {
        meaning: 'Send the file with this method, to this address, with these headers.',
        content: uploadTicket,
        headers: { Location: 'Address of the result.' },
      },
    },
    problems: [
      ...JSON_BODY,
      'UNKNOWN_PROFILE',
      'UNKNOWN_VERSION',
      'FOREIGN_UPLOADER',
      'TOO_MANY_BYTES',
      'STORE_UNAVAILABLE',
    ],
  },
  deleteImage: {
    method: 'delete',
    path: '/v1/images/{id}',
    summary: 'Delete a picture and everything made from it',
    inPath: idInPath,
    inQuery: scopeParameters,
    answers: {
      204: { meaning: 'The upload and its result are gone; the prepared picture follows in seconds.' },
    },
    problems: [...SCOPED, 'NOT_FOUND', 'STORAGE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  },
  listResults: {
    method: 'get',
    path: '/v1/results',
    summary: 'List results, newest first',
    inQuery: listParameters,
    answers: { 200: { meaning: 'One page.', content: resultPage } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  showResult: {
    method: 'get',
    path: '/v1/results/{id}',
    summary: 'Read one result, or wait for it',
    about:
      'A picture that was just accepted and that nothing has looked at yet is `queued` with the stage `uploaded`. ' +
      '`wait` holds the answer back until the picture has ended (or is parked), for that many seconds at most.',
    inPath: idInPath,
    inQuery: showParameters,
    answers: { 200: { meaning: 'The result as it stands.', content: anyResult } },
    problems: [...SCOPED, 'NOT_FOUND', 'STORAGE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  },
  showPicture: {
    method: 'get',
    path: '/v1/results/{id}/image',
    summary: 'The prepared picture',
    about:
      'A JPEG. `Accept: application/octet-stream` names the same bytes so, for programs that know no pictures.',
    inPath: idInPath,
    inQuery: pictureParameters,
    answers: {
      200: {
        meaning: 'The picture.',
        content: ['image/jpeg', 'application/octet-stream'],
        headers: { ETag: 'Its version.' },
      },
      304: { meaning: 'Unchanged since the version in If-None-Match.' },
    },
    problems: [...SCOPED, 'NOT_FOUND', 'STORAGE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  },
  giveFeedback: {
    method: 'post',
    path: '/v1/results/{id}/feedback',
    summary: 'Say whether an answer is right',
    about:
      '`corrected` takes the fields that were wrong as they should be; with the others they must fit the profile.',
    inPath: idInPath,
    inQuery: scopeParameters,
    body: { meaning: 'The verdict.', required: true, content: feedbackRequest },
    answers: { 200: { meaning: 'Stored with the result; the last word counts.', content: resultView } },
    problems: [
      ...JSON_BODY,
      'FOREIGN_UPLOADER',
      'NOT_FOUND',
      'NOT_ANSWERED',
      'INVALID_CORRECTION',
      'STORE_UNAVAILABLE',
    ],
  },
  showReviews: {
    method: 'get',
    path: '/v1/reviews',
    summary: 'How many answers wait for a person',
    inQuery: reviewParameters,
    answers: { 200: { meaning: 'The count.', content: reviewsWaiting } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  takeReview: {
    method: 'post',
    path: '/v1/reviews/next',
    summary: 'Take the longest waiting answer to look at it',
    about:
      'Answers wait that no step of the ladder was sure of, that break a check or were cut off, and the share of samples that ' +
      'a profile asks for. Nobody else is offered the same one for ten minutes. Feedback ends the review.',
    inQuery: reviewParameters,
    answers: {
      200: { meaning: 'One answer, for this caller alone.', content: reviewTurn },
      204: { meaning: 'Nothing waits.' },
    },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  passReview: {
    method: 'post',
    path: '/v1/results/{id}/review',
    summary: 'Give back an answer that was not judged',
    inPath: idInPath,
    inQuery: scopeParameters,
    body: { meaning: 'Where it goes.', required: true, content: passRequest },
    answers: { 204: { meaning: 'It is offered to others again, unless it was judged meanwhile.' } },
    problems: [...JSON_BODY, 'FOREIGN_UPLOADER', 'NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  replayResult: {
    method: 'post',
    path: '/v1/results/{id}/replay',
    summary: 'Answer a picture again',
    about:
      'The last good answer stays as `previous` until a new one replaces it. With `anew`, the picture is prepared ' +
      'again from the upload first; nothing is deleted.',
    inPath: idInPath,
    inQuery: scopeParameters,
    body: { meaning: 'How.', required: false, content: replayRequest },
    answers: { 202: { meaning: 'On its way again.', content: replayed } },
    problems: [
      ...JSON_BODY,
      'FOREIGN_UPLOADER',
      'NOT_FOUND',
      'UNDER_WAY',
      'SOURCE_GONE',
      'STORAGE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
      'EVENTS_UNAVAILABLE',
    ],
  },
  listDeadLetters: {
    method: 'get',
    path: '/v1/dead-letters',
    summary: 'What was given up after too many deliveries',
    inQuery: scopeParameters,
    answers: {
      200: { meaning: 'The first of them; looking takes none of them away.', content: deadLetterList },
    },
    problems: [...SCOPED, 'STORE_UNAVAILABLE', 'EVENTS_UNAVAILABLE'],
  },
  replayDeadLetters: {
    method: 'post',
    path: '/v1/dead-letters/replay',
    summary: 'Deliver again what was given up',
    about: 'What has ended since is removed, what is no event of a bucket is left.',
    inQuery: scopeParameters,
    answers: { 200: { meaning: 'What became of them.', content: deadLettersReplayed } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE', 'EVENTS_UNAVAILABLE'],
  },
  streamEvents: {
    method: 'get',
    path: '/v1/events',
    summary: 'Follow all changes',
    about:
      'Server-sent events: `ready` (every change from here on is sent), `result` (as `/v1/results/{id}` gives it) ' +
      'and `deleted` (`{ "id": … }`).',
    inQuery: scopeParameters,
    inHeaders: eventHeaders,
    answers: { 200: { meaning: 'A stream that does not end on its own.', content: ['text/event-stream'] } },
    problems: [...SCOPED, 'TOO_MANY_LISTENERS'],
  },
  listProfiles: {
    method: 'get',
    path: '/v1/profiles',
    summary: 'What can be asked of a picture',
    about:
      'With `days`, callers who see everything read how much each one is used and how often it is right.',
    inQuery: profilesParameters,
    answers: { 200: { meaning: 'The active version of each.', content: profileList } },
    problems: ['INVALID_REQUEST', 'STORE_UNAVAILABLE'],
  },
  showProfile: {
    method: 'get',
    path: '/v1/profiles/{name}',
    summary: 'Read a profile: its file, its versions, and what happened to it',
    inPath: profileInPath,
    answers: { 200: { meaning: 'The profile, also a deleted one.', content: profileDetails } },
    problems: ['NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  showProfileVersion: {
    method: 'get',
    path: '/v1/profiles/{name}/versions/{version}',
    summary: 'Read one version of a profile',
    inPath: versionInPath,
    answers: { 200: { meaning: 'The version; it never changes.', content: profileVersionView } },
    problems: ['NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  pushProfile: {
    method: 'post',
    path: '/v1/profiles/{name}/versions',
    summary: 'Add or change a profile',
    about:
      'For operators. Every function asks by it within a minute; pictures under way keep the version that they came in with. ' +
      'A file that cannot be used is refused whole. Equal content is the same version, whatever its comments. With `dryRun` ' +
      'nothing is changed, and a file that cannot be used is answered with its problems. A version that is not activated ' +
      'is tried by uploads that name it as `profileVersion`.',
    inPath: profileInPath,
    inQuery: pushParameters,
    body: { meaning: 'The file, and reference pictures that are new.', required: true, content: pushRequest },
    answers: {
      200: { meaning: 'The content was there already, or it was a dry run.', content: profileChanged },
      201: {
        meaning: 'A new version.',
        content: profileChanged,
        headers: { Location: 'Address of the version.' },
      },
    },
    problems: [
      ...JSON_BODY,
      'NOT_OPERATOR',
      'NOT_FOUND',
      'INVALID_PROFILE',
      'PROFILE_CHANGED',
      'STORE_UNAVAILABLE',
    ],
  },
  rollBackProfile: {
    method: 'post',
    path: '/v1/profiles/{name}/rollback',
    summary: 'Ask by an earlier version again',
    about: 'For operators. Brings back a deleted profile too.',
    inPath: profileInPath,
    body: { meaning: 'Which.', required: false, content: rollbackRequest },
    answers: { 200: { meaning: 'The version that is active now.', content: profileChanged } },
    problems: [...JSON_BODY, 'NOT_OPERATOR', 'NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  deleteProfile: {
    method: 'delete',
    path: '/v1/profiles/{name}',
    summary: 'Ask no picture by this profile any more',
    about: 'For operators. Pictures under way finish with their version; a rollback brings the profile back.',
    inPath: profileInPath,
    answers: { 204: { meaning: 'It is deleted; its versions are kept.' } },
    problems: ['NOT_OPERATOR', 'NOT_FOUND', 'PROFILE_NEEDED', 'STORE_UNAVAILABLE'],
  },
  listBatches: {
    method: 'get',
    path: '/v1/batches',
    summary: 'Batch jobs, newest first',
    about: 'For operators: pictures of many uploaders share a job. They are answered at half the price.',
    answers: { 200: { meaning: 'The jobs, and how many pictures wait for one.', content: batchList } },
    problems: ['NOT_OPERATOR', 'STORE_UNAVAILABLE'],
  },
  showBatch: {
    method: 'get',
    path: '/v1/batches/{id}',
    summary: 'Read one batch job',
    inPath: batchInPath,
    answers: { 200: { meaning: 'The job as it stands.', content: batchView } },
    problems: ['NOT_OPERATOR', 'NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  cancelBatch: {
    method: 'post',
    path: '/v1/batches/{id}/cancel',
    summary: 'Give a batch job up',
    about: 'For operators. What is answered by then is kept; the other pictures go by flex and standard.',
    inPath: batchInPath,
    answers: { 202: { meaning: 'It is given up within minutes.', content: batchView } },
    problems: ['NOT_OPERATOR', 'NOT_FOUND', 'BATCH_ENDED', 'STORE_UNAVAILABLE'],
  },
  showStats: {
    method: 'get',
    path: '/v1/stats',
    summary: 'Counts, success rate, latency, cost per image',
    inQuery: scopeParameters,
    answers: { 200: { meaning: 'The figures.', content: stats } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  showCost: {
    method: 'get',
    path: '/v1/cost',
    summary: 'What was spent, by day, profile, model and uploader',
    about:
      'Where the pictures of one uploader are asked for, it is by day alone: what profiles and models cost is not split by ' +
      'uploader. On a day of many hundred uploaders the latest of them are summed up as `(others)` and find nothing.',
    inQuery: costParameters,
    answers: { 200: { meaning: 'The books of the days.', content: cost } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  showStatus: {
    method: 'get',
    path: '/v1/status',
    summary: 'What this deployment is',
    answers: {
      200: {
        meaning: 'Facts that do not change while it runs, and how much the caller sees.',
        content: serviceStatus,
      },
    },
    problems: [],
  },
} as const satisfies Record<string, Route>;

export type Operation = keyof typeof ROUTES;

export const OPERATIONS = Object.entries(ROUTES) as [Operation, Route][];
