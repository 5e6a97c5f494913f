import type { Request, RequestHandler } from 'express';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { contentTypeOf } from '../../../shared/base/framework/unread-bodies.ts';
import type { Accepted } from '../../../shared/results/api/answers.ts';
import { submitHeaders, submitParameters } from '../../../shared/results/api/requests.ts';
import { type Caller, callerOf } from '../http/caller.ts';
import { checked, queryOf } from '../http/parameters.ts';
import { Problem } from '../problem.ts';
import { tooManyBytes } from './byte-limit.ts';
import type { Gate } from './gate.ts';
import { type ReceivedFile, receiveFiles } from './receive.ts';
import { metadataOf, settingsFrom } from './settings.ts';
import { startStallTimer } from './stall-timer.ts';
import { labelOf, type StoreDependencies, store } from './store.ts';

export interface SubmitDependencies extends StoreDependencies {
  /** An upload on which nothing moves for this long is given up, in milliseconds. */
  uploadIdleMs: number;
  gate: Gate;
  /** Callers who may upload for others. */
  delegates: readonly string[];
}

/** `POST /v1/images`: stores one or several pictures by streaming and answers 202 before anything looks at them. */
export const submitImages =
  (deps: SubmitDependencies): RequestHandler =>
  async (request, response) => {
    const accepted: Accepted[] = [];
    try {
      await receive(deps, request, callerOf(response), accepted);
    } catch (error) {
      throw accepted.length === 0 ? error : withAccepted(error, accepted);
    }
    const [first, ...others] = accepted;
    if (!first)
      throw new Problem(
        'INVALID_REQUEST',
        'The form holds no file.',
        'Add a picture, as curl -F file=@a.jpg does.',
      );
    if (others.length === 0) response.location(first.resultUrl);
    response.status(202).json(others.length === 0 ? first : { images: accepted });
  };

async function receive(
  deps: SubmitDependencies,
  request: Request,
  caller: Caller,
  accepted: Accepted[],
): Promise<void> {
  const key = keyOf(request);
  const ending = new AbortController();
  request.once('close', () => {
    if (!request.complete) ending.abort(new Error('the caller went away'));
  });
  const leave = await deps.gate.enter(ending.signal);
  const stall = startStallTimer(deps.uploadIdleMs, () =>
    ending.abort(request.complete ? slowStorage() : stalled(deps.uploadIdleMs)),
  );
  let index = 0;
  try {
    await receiveBody(deps, request, ending.signal, async (file) => {
      const metadata = metadataOf(settingsFrom(request.query, file.fields), caller, deps.delegates);
      const repeat = key === undefined ? undefined : { caller: caller.key, key, index: index++ };
      const submitted = { file, metadata, repeat, onMove: stall.moved };
      accepted.push(await store(deps, submitted, ending.signal));
    });
  } catch (error) {
    // What ended the request says more than the streams that broke by it.
    const cause = ending.signal.aborted ? ending.signal.reason : error;
    ending.abort(error);
    throw cause;
  } finally {
    stall.stop();
    leave();
  }
}

async function receiveBody(
  deps: SubmitDependencies,
  request: Request,
  signal: AbortSignal,
  storeOne: (file: ReceivedFile) => Promise<void>,
): Promise<void> {
  const { name = '' } = queryOf(request, submitParameters);
  const contentType = contentTypeOf(request) ?? '';
  const kind = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (request.headers['content-encoding'] !== undefined) throw unsupported();
  if (kind === 'multipart/form-data') {
    await receiveFiles(request, contentType, storeOne, signal);
  } else if (kind.startsWith('image/') || kind === 'application/octet-stream') {
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > deps.maxBytes) throw tooManyBytes(labelOf(name), deps.maxBytes);
    await storeOne({ name, contentType: kind, content: request, fields: {} });
  } else {
    throw unsupported();
  }
}

function keyOf(request: Request): string | undefined {
  const key = request.headers['idempotency-key'];
  return checked(submitHeaders, key === undefined ? {} : { 'idempotency-key': key }, 'A UUID does well.')[
    'idempotency-key'
  ];
}

const unsupported = (): Problem =>
  new Problem(
    'UNSUPPORTED_MEDIA_TYPE',
    'Pictures are taken as multipart/form-data or as a body of an image type, not compressed again.',
    'Send the file as curl -F file=@a.jpg does.',
  );

const stalled = (idleMs: number): Problem =>
  new Problem('UPLOAD_STALLED', `Nothing arrived for ${idleMs / 1000} seconds.`, 'Upload the file again.');

const slowStorage = (): PipelineError =>
  new PipelineError('STORAGE_UNAVAILABLE', 'Cloud Storage did not confirm the upload in time.');

/** Files before the bad one are in the bucket already and will be answered: the caller is told which. */
const withAccepted = (error: unknown, accepted: Accepted[]): unknown =>
  error instanceof Problem ? new Problem(error.code, error.message, error.hint, { images: accepted }) : error;
