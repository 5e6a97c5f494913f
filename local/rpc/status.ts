import { status as grpcStatus } from '@grpc/grpc-js';

/** An answer with a gRPC status other than OK. `message` is what the client library shows to its user. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const invalidArgument = (message: string) => new RpcError(grpcStatus.INVALID_ARGUMENT, message);
export const notFound = (message: string) => new RpcError(grpcStatus.NOT_FOUND, message);
export const alreadyExists = (message: string) => new RpcError(grpcStatus.ALREADY_EXISTS, message);
export const failedPrecondition = (message: string) => new RpcError(grpcStatus.FAILED_PRECONDITION, message);
export const aborted = (message: string) => new RpcError(grpcStatus.ABORTED, message);
export const unimplemented = (message: string) => new RpcError(grpcStatus.UNIMPLEMENTED, message);
export const unavailable = (message: string, options?: ErrorOptions) =>
  new RpcError(grpcStatus.UNAVAILABLE, message, options);

/** What goes over the wire for `error`; anything unforeseen is INTERNAL and is reported to `onError`. */
export function toStatus(error: unknown, onError: (e: unknown) => void): { code: number; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.message };
  onError(error);
  return {
    code: grpcStatus.INTERNAL,
    details: error instanceof Error ? error.message : 'The local server failed.',
  };
}

/** https://cloud.google.com/apis/design/errors#http_mapping */
const HTTP_STATUS: Readonly<Record<number, number>> = {
  [grpcStatus.INVALID_ARGUMENT]: 400,
  [grpcStatus.FAILED_PRECONDITION]: 400,
  [grpcStatus.OUT_OF_RANGE]: 400,
  [grpcStatus.UNAUTHENTICATED]: 401,
  [grpcStatus.PERMISSION_DENIED]: 403,
  [grpcStatus.NOT_FOUND]: 404,
  [grpcStatus.ALREADY_EXISTS]: 409,
  [grpcStatus.ABORTED]: 409,
  [grpcStatus.RESOURCE_EXHAUSTED]: 429,
  [grpcStatus.CANCELLED]: 499,
  [grpcStatus.UNIMPLEMENTED]: 501,
  [grpcStatus.UNAVAILABLE]: 503,
  [grpcStatus.DEADLINE_EXCEEDED]: 504,
};

/** The body of a refusal in Google's REST APIs, and its HTTP status. */
export function httpError({ code, details }: { code: number; details: string }) {
  const httpStatus = HTTP_STATUS[code] ?? 500;
  return { httpStatus, body: { error: { code: httpStatus, message: details, status: grpcStatus[code] } } };
}
