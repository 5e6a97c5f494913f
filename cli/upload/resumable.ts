import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { DeadlineExceeded, withDeadline } from '../../shared/base/resilience/deadline.ts';
import { retry } from '../../shared/base/resilience/retry.ts';

interface ResumableSource {
  /** Bytes in all. */
  bytes: number;
  read(offset: number, length: number): Promise<Buffer>;
}

interface SendOptions {
  signal?: AbortSignal;
  /** Bytes that Storage has. */
  onProgress?: (bytes: number) => void;
  /** Bytes of one request; a multiple of 256 KiB. */
  chunkBytes?: number;
  /** One request may take this long, in milliseconds. */
  attemptMs?: number;
}

/** Storage takes multiples of this until the last request. */
const QUANTUM = 262_144;
const CHUNK_BYTES = 8 * QUANTUM;
const ATTEMPT_MS = 120_000;

/** A chunk and its repetitions may take this long together: a laptop may sleep or change networks. Milliseconds. */
const OVERALL_MS = 900_000;

class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`Cloud Storage answered ${status}`);
    this.status = status;
  }
}

const transient = (error: unknown): boolean =>
  !(error instanceof Refused) || error.status >= 500 || error.status === 408 || error.status === 429;

/**
 * Sends the bytes of an upload that was opened with `Buckets.startResumable`, from where Storage says it stands: what
 * arrived before an interruption is not sent again. 'changed' means the precondition no longer holds.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads
 *
 * @throws PipelineError STORAGE_UNAVAILABLE when Storage does not answer, SOURCE_GONE when the session has ended
 */
export async function sendResumable(
  sessionUrl: string,
  source: ResumableSource,
  options: SendOptions = {},
): Promise<'stored' | 'changed'> {
  let sent = 0;
  let asked = false;
  try {
    while (sent < source.bytes) {
      sent = await retry(
        { maxAttempts: 12, baseMs: 300, maxMs: 15_000, overallMs: OVERALL_MS, verdict: transient },
        options.signal,
        async (signal, attempt) => {
          // After an error nobody knows how much arrived, except Storage.
          if (attempt > 1 || !asked) sent = await standsAt(sessionUrl, source.bytes, signal, options);
          asked = true;
          return sent >= source.bytes ? sent : await sendChunk(sessionUrl, source, sent, signal, options);
        },
      );
      options.onProgress?.(sent);
    }
    return 'stored';
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof Refused && error.status === 412) return 'changed';
    throw translate(error);
  }
}

async function sendChunk(
  sessionUrl: string,
  source: ResumableSource,
  from: number,
  signal: AbortSignal,
  options: SendOptions,
): Promise<number> {
  const length = Math.min(options.chunkBytes ?? CHUNK_BYTES, source.bytes - from);
  const body = await source.read(from, length);
  if (body.length !== length) throw new PipelineError('SOURCE_GONE', 'The file changed while it was sent.');
  const range = `bytes ${from}-${from + length - 1}/${source.bytes}`;
  return put(sessionUrl, range, new Uint8Array(body), source.bytes, signal, options);
}

const standsAt = (
  sessionUrl: string,
  bytes: number,
  signal: AbortSignal,
  options: SendOptions,
): Promise<number> => put(sessionUrl, `bytes */${bytes}`, undefined, bytes, signal, options);

/** One request of the session; returns how many bytes Storage has. */
async function put(
  sessionUrl: string,
  range: string,
  body: Uint8Array<ArrayBuffer> | undefined,
  bytes: number,
  signal: AbortSignal,
  options: SendOptions,
): Promise<number> {
  const response = await withDeadline(options.attemptMs ?? ATTEMPT_MS, signal, (inner) =>
    fetch(sessionUrl, {
      method: 'PUT',
      headers: { 'content-range': range },
      // "Resume Incomplete" is a 308 without a Location: it must not be taken for a redirect.
      redirect: 'manual',
      signal: inner,
      ...(body === undefined ? {} : { body }),
    }),
  );
  await response.arrayBuffer();
  if (response.ok) return bytes;
  if (response.status !== 308) throw new Refused(response.status);
  const end = /^bytes=0-(\d+)$/.exec(response.headers.get('range') ?? '')?.[1];
  return end === undefined ? 0 : Number(end) + 1;
}

function translate(error: unknown): unknown {
  if (error instanceof PipelineError) return error;
  if (error instanceof Refused && (error.status === 404 || error.status === 410)) {
    return new PipelineError(
      'SOURCE_GONE',
      'The upload was interrupted for too long and has to start over.',
      {
        cause: error,
      },
    );
  }
  if (error instanceof DeadlineExceeded || transient(error)) {
    return new PipelineError('STORAGE_UNAVAILABLE', 'Cloud Storage did not take the upload.', {
      cause: error,
    });
  }
  return new PipelineError('UNKNOWN', 'Cloud Storage refused the upload.', { cause: error });
}
