import { acceptedMany, submitted, uploadTicket } from '../answers.ts';
import { idInPath, scopeParameters, submitHeaders, submitParameters, uploadRequest } from '../requests.ts';
import { JSON_BODY, type Route, SCOPED } from './route.ts';

/** Pictures that come in, and go. */
export const PICTURE_ROUTES = {
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
        'The picture, or a form with `file` parts and the fields `profile`, `profileVersion`, `uploader`, `refresh`, `webhook`, `lane`, `patience`.',
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
} as const satisfies Record<string, Route>;
