import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { DeadlineExceeded } from '../../base/resilience/deadline.ts';

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
const GRPC = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  UNAUTHENTICATED: 16,
};

const PERMANENT = new Set([
  GRPC.INVALID_ARGUMENT,
  GRPC.NOT_FOUND,
  GRPC.ALREADY_EXISTS,
  GRPC.PERMISSION_DENIED,
  GRPC.FAILED_PRECONDITION,
  GRPC.UNAUTHENTICATED,
]);

const LOST_RACE: ReadonlySet<number> = new Set([
  GRPC.FAILED_PRECONDITION,
  GRPC.NOT_FOUND,
  GRPC.ALREADY_EXISTS,
]);

const grpcCode = (error: unknown): number | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
};

/** Whether repeating a call may help. */
export const isTransientCode = (error: unknown): boolean => {
  const code = grpcCode(error);
  return error instanceof DeadlineExceeded || (code !== undefined && !PERMANENT.has(code));
};

const refusalOf = (error: unknown): number | undefined =>
  grpcCode(error instanceof PipelineError ? error.cause : error);

/** A create that found a document. */
export const isAlreadyThere = (error: unknown): boolean => refusalOf(error) === GRPC.ALREADY_EXISTS;

/** A write whose document was changed, removed or created meanwhile. */
export const isLostRace = (error: unknown): boolean => LOST_RACE.has(refusalOf(error) ?? -1);

/** A deletion whose document was changed or removed meanwhile. */
export const isDeletedOrChanged = (error: unknown): boolean => {
  const code = refusalOf(error);
  return code === GRPC.FAILED_PRECONDITION || code === GRPC.NOT_FOUND;
};
