import { replayed, resultPage } from '../answers.ts';
import {
  eventHeaders,
  feedbackRequest,
  idInPath,
  listParameters,
  pictureParameters,
  replayRequest,
  scopeParameters,
  showParameters,
} from '../requests.ts';
import { anyResult, resultView } from '../result.ts';
import { JSON_BODY, type Route, SCOPED } from './route.ts';

/** What became of pictures. */
export const RESULT_ROUTES = {
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
      '`corrected` takes the fields that were wrong as they should be; with the others they must fit the profile. ' +
      'What is right or corrected becomes a label: a copy of the prepared picture is kept until the upload is deleted or ' +
      'somebody finds the answer wrong.',
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
      'STORAGE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
    ],
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
} as const satisfies Record<string, Route>;
