import type { Request, RequestHandler } from 'express';
import type { Accepted } from '../../../shared/api/answers.ts';
import { PipelineError } from '../../../shared/errors/pipeline-error.ts';
import type { Log } from '../../../shared/log/log.ts';
import { DEFAULT_PROFILE, profileNamed, profileNames } from '../../../shared/profiles/registry.ts';
import { resultId } from '../../../shared/results/id.ts';
import type { Buckets } from '../../../shared/storage/buckets.ts';
import { Problem } from '../problem.ts';
import { contentTypeOf } from '../unbuffered.ts';
import { byteLimit, tooManyBytes } from './byte-limit.ts';
import { drain } from './drain.ts';
import { objectName } from './object-name.ts';
import { type ReceivedFile, receiveFiles } from './receive.ts';
import { startStallTimer } from './stall-timer.ts';

export interface SubmitDependencies {
  buckets: Pick<Buckets, 'upload'>;
  uploadsBucket: string;
  /** Of one file. */
  maxBytes: number;
  /** An upload on which nothing moves for this long is given up, in milliseconds. */
  uploadIdleMs: number;
  log: Log;
}

const MAX_UPLOADER = 200;

/** `POST /v1/images`: stores one or several pictures by streaming and answers 202 before anything looks at them. */
export const submitImages =
  (deps: SubmitDependencies): RequestHandler =>
  async (request, response) => {
    const accepted: Accepted[] = [];
    try {
      await receive(deps, request, accepted);
    } catch (error) {
      await drain(request, response);
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

/** What one request needs to store its files. */
interface Receiving {
  request: Request;
  signal: AbortSignal;
  onMove: () => void;
}

async function receive(deps: SubmitDependencies, request: Request, accepted: Accepted[]): Promise<void> {
  const ending = new AbortController();
  const stall = startStallTimer(deps.uploadIdleMs, () =>
    ending.abort(request.complete ? slowStorage() : stalled(deps.uploadIdleMs)),
  );
  request.once('close', () => {
    if (!request.complete) ending.abort(new Error('the caller went away'));
  });
  const receiving = { request, signal: ending.signal, onMove: stall.moved };
  try {
    await receiveBody(deps, receiving, async (file) => {
      accepted.push(await store(deps, receiving, file));
    });
  } catch (error) {
    // What ended the request says more than the streams that broke by it.
    const cause = ending.signal.aborted ? ending.signal.reason : error;
    ending.abort(error);
    throw cause;
  } finally {
    stall.stop();
  }
}

async function receiveBody(
  deps: SubmitDependencies,
  { request, signal }: Receiving,
  storeOne: (file: ReceivedFile) => Promise<void>,
): Promise<void> {
  const contentType = contentTypeOf(request) ?? '';
  const kind = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (kind === 'multipart/form-data') {
    await receiveFiles(request, contentType, storeOne, signal);
  } else if (kind.startsWith('image/') || kind === 'application/octet-stream') {
    const name = textOf(request.query['name']) ?? '';
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > deps.maxBytes) throw tooManyBytes(labelOf(name), deps.maxBytes);
    await storeOne({ name, contentType: kind, content: request, fields: {} });
  } else {
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      'Pictures are taken as multipart/form-data or as a body of an image type.',
      'Send the file as curl -F file=@a.jpg does.',
    );
  }
}

async function store(
  deps: SubmitDependencies,
  { request, signal, onMove }: Receiving,
  file: ReceivedFile,
): Promise<Accepted> {
  const setting = (name: string) => file.fields[name] ?? textOf(request.query[name]);
  const profile = knownProfile(setting('profile'));
  const uploader = checkedUploader(setting('uploader'));
  const target = { bucket: deps.uploadsBucket, name: objectName(profile, file.name, new Date(Date.now())) };
  const limited = byteLimit(labelOf(file.name), deps.maxBytes, onMove);
  file.content.once('error', (error) => limited.destroy(error));
  const stored = await deps.buckets
    .upload(target, file.content.pipe(limited), {
      contentType: imageType(file.contentType),
      metadata: { profile, ...(uploader ? { uploader } : {}) },
      signal,
    })
    .catch((error: unknown) => {
      // To Storage's client the caller's mistake is just a broken stream.
      throw limited.errored instanceof Problem ? limited.errored : error;
    });
  const id = resultId(target);
  deps.log.info('api.accepted', { id, ref: stored.ref, bytes: stored.bytes });
  return { id, status: 'queued', name: target.name, resultUrl: `/v1/results/${id}` };
}

function checkedUploader(uploader: string | undefined): string | undefined {
  if (uploader === undefined || uploader.length <= MAX_UPLOADER) return uploader;
  throw new Problem(
    'INVALID_REQUEST',
    `uploader has more than ${MAX_UPLOADER} characters.`,
    'Use a short name or an id.',
  );
}

function knownProfile(asked: string | undefined): string {
  const name = asked === undefined || asked === '' ? DEFAULT_PROFILE : asked;
  if (profileNamed(name)) return name;
  throw new Problem(
    'UNKNOWN_PROFILE',
    `There is no profile "${name.slice(0, 40)}"; there are: ${profileNames().join(', ')}.`,
    'Use one of these names, or leave the field out.',
  );
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const labelOf = (fileName: string): string => (fileName === '' ? 'The file' : fileName.slice(0, 120));

/** Kept only for the eyes of people who list the bucket: the pipeline looks at the bytes. */
const imageType = (declared: string): string =>
  /^image\/[a-z0-9.+-]{1,60}$/i.test(declared) ? declared.toLowerCase() : 'application/octet-stream';

const stalled = (idleMs: number): Problem =>
  new Problem('UPLOAD_STALLED', `Nothing arrived for ${idleMs / 1000} seconds.`, 'Upload the file again.');

const slowStorage = (): PipelineError =>
  new PipelineError('STORAGE_UNAVAILABLE', 'Cloud Storage did not confirm the upload in time.');

/** Files before the bad one are in the bucket already and will be answered: the caller is told which. */
const withAccepted = (error: unknown, accepted: Accepted[]): unknown =>
  error instanceof Problem ? new Problem(error.code, error.message, error.hint, { images: accepted }) : error;
