import { PipelineError } from '../../base/errors/pipeline-error.ts';
import { DeadlineExceeded } from '../../base/resilience/deadline.ts';
import { cutText } from '../../base/text.ts';

/**
 * What an answer of Firestore means for who called.
 *
 * - `repeat`: the same call may succeed in a moment.
 * - `race`: the document is not as the call expected it; callers know what to do, nothing is repeated.
 * - `refused`: never, however often it is sent: what is written cannot be stored. It ends the image.
 * - `access`: never, until a person gives the right to: the image waits.
 */
type Meaning = 'repeat' | 'race' | 'refused' | 'access';

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/), all of them but OK, which is no failure. */
// biome-ignore format: a table is read by columns
const GRPC_STATUSES = {
  CANCELLED:           { code: 1,  meaning: 'repeat' },
  // Whatever a proxy on the way says that gRPC has no word for.
  UNKNOWN:             { code: 2,  meaning: 'repeat' },
  // Lists in lists, reserved names, too deep, too large, invalid UTF-8.
  INVALID_ARGUMENT:    { code: 3,  meaning: 'refused' },
  DEADLINE_EXCEEDED:   { code: 4,  meaning: 'repeat' },
  NOT_FOUND:           { code: 5,  meaning: 'race' },
  ALREADY_EXISTS:      { code: 6,  meaning: 'race' },
  PERMISSION_DENIED:   { code: 7,  meaning: 'access' },
  // The quota of the database; what is too large for it is INVALID_ARGUMENT.
  RESOURCE_EXHAUSTED:  { code: 8,  meaning: 'repeat' },
  FAILED_PRECONDITION: { code: 9,  meaning: 'race' },
  ABORTED:             { code: 10, meaning: 'repeat' },
  OUT_OF_RANGE:        { code: 11, meaning: 'refused' },
  UNIMPLEMENTED:       { code: 12, meaning: 'refused' },
  INTERNAL:            { code: 13, meaning: 'repeat' },
  UNAVAILABLE:         { code: 14, meaning: 'repeat' },
  DATA_LOSS:           { code: 15, meaning: 'refused' },
  UNAUTHENTICATED:     { code: 16, meaning: 'access' },
} as const satisfies Record<string, { code: number; meaning: Meaning }>;

const MEANING_BY_CODE = new Map<number, Meaning>(
  Object.values(GRPC_STATUSES).map(({ code, meaning }) => [code, meaning]),
);

const grpcCode = (error: unknown): number | undefined => {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
};

/** What the client itself throws, before anything is sent, has no code: it cannot write such a value. */
const meaningOf = (error: unknown): Meaning => {
  if (error instanceof DeadlineExceeded) return 'repeat';
  const code = grpcCode(error);
  // A code that gRPC does not have is news to us all: it may pass.
  return code === undefined ? 'refused' : (MEANING_BY_CODE.get(code) ?? 'repeat');
};

/** Whether repeating a call may help. */
export const isTransientCode = (error: unknown): boolean => meaningOf(error) === 'repeat';

const MAX_SENTENCE = 300;

/** What could not be done, in Firestore's own sentence where that tells people something. */
export function storeFailure(error: unknown): PipelineError {
  const sentence = sentenceOf(error);
  switch (meaningOf(error)) {
    case 'repeat':
      return new PipelineError('STORE_UNAVAILABLE', 'Firestore did not answer in time.', { cause: error });
    case 'refused':
      return new PipelineError('STORE_REFUSED', `Firestore refuses it for good: ${sentence}`, {
        cause: error,
      });
    case 'access':
      return new PipelineError('STORE_ACCESS', `Firestore lets nobody in: ${sentence}`, { cause: error });
    case 'race':
      return new PipelineError('UNKNOWN', 'Firestore refused an operation.', { cause: error });
  }
}

function sentenceOf(error: unknown): string {
  const { details, message } = (error ?? {}) as { details?: unknown; message?: unknown };
  const said = typeof details === 'string' && details !== '' ? details : String(message ?? error);
  return cutText(said, MAX_SENTENCE);
}

const LOST_RACE: ReadonlySet<number> = new Set([
  GRPC_STATUSES.FAILED_PRECONDITION.code,
  GRPC_STATUSES.NOT_FOUND.code,
  GRPC_STATUSES.ALREADY_EXISTS.code,
]);

const refusalOf = (error: unknown): number | undefined =>
  grpcCode(error instanceof PipelineError ? error.cause : error);

/** A create that found a document. */
export const isAlreadyThere = (error: unknown): boolean =>
  refusalOf(error) === GRPC_STATUSES.ALREADY_EXISTS.code;

/** A write whose document was changed, removed or created meanwhile. */
export const isLostRace = (error: unknown): boolean => LOST_RACE.has(refusalOf(error) ?? -1);

/** A deletion whose document was changed or removed meanwhile. */
export const isDeletedOrChanged = (error: unknown): boolean => {
  const code = refusalOf(error);
  return code === GRPC_STATUSES.FAILED_PRECONDITION.code || code === GRPC_STATUSES.NOT_FOUND.code;
};
