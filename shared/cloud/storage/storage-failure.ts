import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { DeadlineExceeded } from '../../base/resilience/deadline.ts';
import { type ObjectRef, objectUrl } from './object.ts';

/** The HTTP status of an error of the client. */
export const statusOf = (error: unknown): number | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
};

/** Only the local cloud answers this (RFC 4918): the disk of its machine is full. */
export const INSUFFICIENT_STORAGE = 507;

/** Client errors that repeating cannot fix (https://cloud.google.com/storage/docs/retry-strategy). */
const permanent = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 408 && status !== 429;

/** Whether repeating could help. */
export const isTransientStatus = (error: unknown): boolean => {
  if (error instanceof PipelineError) return false;
  const status = statusOf(error);
  return status === undefined || !permanent(status);
};

/** What an error of the client means: SOURCE_GONE, STORAGE_UNAVAILABLE, or UNKNOWN when Storage refused the operation itself. */
export function storageFailure(error: unknown, ref: ObjectRef): unknown {
  if (error instanceof PipelineError) return error;
  const status = statusOf(error);
  const where = ref.generation === '0' ? `gs://${ref.bucket}/${ref.name}` : objectUrl(ref);
  if (status === 404)
    return new PipelineError('SOURCE_GONE', `${where} does not exist any more.`, { cause: error });
  if (status === INSUFFICIENT_STORAGE) {
    return new PipelineError('STORAGE_UNAVAILABLE', `The disk is full: there is no room for ${where}.`, {
      cause: error,
      facts: { httpStatus: status },
    });
  }
  if (error instanceof DeadlineExceeded || isTransientStatus(error)) {
    return new PipelineError('STORAGE_UNAVAILABLE', `Cloud Storage did not answer for ${where}.`, {
      cause: error,
    });
  }
  return new PipelineError('UNKNOWN', `Cloud Storage refused an operation on ${where}.`, { cause: error });
}
