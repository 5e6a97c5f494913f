import type { Request, RequestHandler } from 'express';
import { PipelineError } from '../../../shared/base/errors/pipeline-error.ts';
import { contentTypeOf } from '../../../shared/base/framework/unread-bodies.ts';
import { submitHeaders, submitParameters } from '../../../shared/results/api/requests.ts';
import { type Caller, callerOf } from '../http/caller.ts';
import { checked, queryOf } from '../http/parameters.ts';
import { Problem } from '../problem.ts';
import { tooManyBytes } from './byte-limit.ts';
import { answerTo, failureOf, type Outcome, outcomeOf } from './file-outcomes.ts';
import type { Gate } from './gate.ts';
import { type ReceivedFile, receiveFiles } from './receive.ts';
import { metadataOf, type SettingsRules, settingsFrom } from './settings.ts';
import { startStallTimer } from './stall-timer.ts';
import { labelOf, type StoreDependencies, store } from './store.ts';
import { Turns } from './turns.ts';

interface SubmitDependencies extends StoreDependencies {
  /** An upload on which nothing moves for this long is given up, in milliseconds. */
  uploadIdleMs: number;
  gate: Gate;
  settings: SettingsRules;
}

/** `POST /v1/images`: stores one or several pictures by streaming and answers before anything looks at them. */
export const submitImages =
  (deps: SubmitDependencies): RequestHandler =>
  async (request, response) => {
    const outcomes: Outcome[] = [];
    try {
      await receive(deps, request, callerOf(response), outcomes);
    } catch (error) {
      throw await failureOf(deps, error, outcomes);
    }
    const { status, body } = answerTo(outcomes);
    if ('resultUrl' in body) response.location(body.resultUrl);
    response.status(status).json(body);
  };

async function receive(
  deps: SubmitDependencies,
  request: Request,
  caller: Caller,
  outcomes: Outcome[],
): Promise<void> {
  const key = keyOf(request);
  const ending = new AbortController();
  request.once('close', () => {
    if (!request.complete) ending.abort(new Error('the caller went away'));
  });
  const leave = await deps.gate.enter(caller.key, ending.signal);
  const stall = startStallTimer(deps.uploadIdleMs, () =>
    ending.abort(request.complete ? slowStorage() : stalled(deps.uploadIdleMs)),
  );
  const turns = new Turns(deps.gate);
  try {
    await receiveBody(deps, request, ending.signal, async (file) => {
      const metadata = await metadataOf(settingsFrom(request.query, file.fields), caller, deps.settings);
      const repeat = key === undefined ? undefined : { caller: caller.key, key, index: file.index };
      const submitted = { file, metadata, repeat, onMove: stall.moved };
      await turns.take(async () => {
        if (!file.isWanted()) return;
        outcomes[file.index] = await outcomeOf(file, ending.signal, store(deps, submitted, ending.signal));
      });
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
    const followed = Promise.resolve();
    const isWanted = () => true;
    await storeOne({ index: 0, name, contentType: kind, content: request, fields: {}, followed, isWanted });
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
