import { status as grpcStatus } from '@grpc/grpc-js';

/** An answer with a gRPC status other than OK. `message` is what the client library shows to its user. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalidArgument = (message: string) => new RpcError(grpcStatus.INVALID_ARGUMENT, message);
export const notFound = (message: string) => new RpcError(grpcStatus.NOT_FOUND, message);
export const alreadyExists = (message: string) => new RpcError(grpcStatus.ALREADY_EXISTS, message);
export const failedPrecondition = (message: string) => new RpcError(grpcStatus.FAILED_PRECONDITION, message);
export const aborted = (message: string) => new RpcError(grpcStatus.ABORTED, message);
export const unavailable = (message: string) => new RpcError(grpcStatus.UNAVAILABLE, message);

/** What goes over the wire for `error`; anything unforeseen is INTERNAL and is reported to `onError`. */
export function toStatus(error: unknown, onError: (e: unknown) => void): { code: number; details: string } {
  if (error instanceof RpcError) return { code: error.code, details: error.message };
  onError(error);
  return {
    code: grpcStatus.INTERNAL,
    details: error instanceof Error ? error.message : 'The local Firestore server failed.',
  };
}
