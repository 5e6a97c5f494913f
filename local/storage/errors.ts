import { escaped } from '../../shared/base/markup.ts';
/** A refusal as Cloud Storage words it; the JSON and the XML API render it in their own shapes. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly status: number;
  /** The JSON API's `errors[].reason`, e.g. `notFound`. */
  readonly reason: string;
  readonly location: { locationType: string; location: string } | undefined;
  /** The XML API's `<Code>`; only signed URLs show it. */
  readonly xmlCode: string;

  constructor(
    status: number,
    reason: string,
    message: string,
    details: { location?: [type: string, name: string]; xmlCode?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    const [locationType, location] = details.location ?? [];
    this.location = locationType && location ? { locationType, location } : undefined;
    this.xmlCode = details.xmlCode ?? XML_CODES[status] ?? 'InternalError';
  }
}

const XML_CODES: Record<number, string> = {
  400: 'InvalidArgument',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  405: 'MethodNotAllowed',
  409: 'BucketAlreadyOwnedByYou',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  503: 'ServiceUnavailable',
  507: 'InsufficientStorage',
};

export const noSuchBucket = (): StorageError =>
  new StorageError(404, 'notFound', 'The specified bucket does not exist.', { xmlCode: 'NoSuchBucket' });

export const noSuchObject = (bucket: string, name: string): StorageError =>
  new StorageError(404, 'notFound', `No such object: ${bucket}/${name}`);

export const noSuchUpload = (): StorageError =>
  new StorageError(404, 'notFound', 'This upload session does not exist or has expired. Start a new upload.');

export const invalid = (message: string, parameter?: string): StorageError =>
  new StorageError(400, 'invalid', message, parameter ? { location: ['parameter', parameter] } : {});

export const required = (what: string): StorageError =>
  new StorageError(400, 'required', `Required parameter: ${what}`, { location: ['parameter', what] });

export const conditionNotMet = (): StorageError =>
  new StorageError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.', {
    location: ['header', 'If-Match'],
  });

export const notModified = (): StorageError => new StorageError(304, 'notModified', 'Not Modified');

export const unsatisfiableRange = (): StorageError =>
  new StorageError(416, 'requestedRangeNotSatisfiable', 'The requested range cannot be satisfied.', {
    location: ['header', 'Range'],
  });

export const accessDenied = (message: string, xmlCode = 'AccessDenied'): StorageError =>
  new StorageError(403, 'forbidden', message, { xmlCode });

export const notImplemented = (message: string): StorageError =>
  new StorageError(501, 'notImplemented', message, { xmlCode: 'NotImplemented' });

export const unavailable = (): StorageError =>
  new StorageError(503, 'backendError', 'The service is unavailable (a fault switched on for a test).');

/** Cloud Storage has no such answer: its disks are never full. 507 is WebDAV's word for it (RFC 4918). */
export const diskFull = (): StorageError =>
  new StorageError(507, 'insufficientStorage', 'The disk of this machine is full.');

const FULL = new Set(['ENOSPC', 'EDQUOT']);

export const isDiskFull = (error: unknown): boolean =>
  FULL.has((error as NodeJS.ErrnoException | null)?.code ?? '');

export function jsonErrorBody(error: StorageError): string {
  const { status, message, reason, location } = error;
  return JSON.stringify({
    error: { code: status, message, errors: [{ message, domain: 'global', reason, ...location }] },
  });
}

export function xmlErrorBody(error: StorageError): string {
  const message = escaped(error.message);
  return `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${error.xmlCode}</Code><Message>${message}</Message></Error>`;
}
