import { FAILURES, type FailureCode } from './codes.ts';
import type { Disposition } from './disposition.ts';

/** Facts that policies act on; they come from the server that failed, never from parsing a message. */
interface FailureFacts {
  /** How long the server asked to wait before the next call, in milliseconds. */
  retryAfterMs?: number;
  /** When work may go on, in epoch milliseconds: the end of a parking or a pause. */
  until?: number;
  /** HTTP status of the failed call. */
  httpStatus?: number;
}

/** What a person may read about a failure: no stack, no secret, no image content. */
interface PublicFailure {
  code: FailureCode;
  message: string;
  hint: string;
}

/**
 * A failure with a code of the table in `codes.ts`. `message` is one sentence for people;
 * what only the log may hold travels in `cause`.
 */
export class PipelineError extends Error {
  readonly code: FailureCode;
  readonly facts: FailureFacts;

  constructor(code: FailureCode, message: string, options: { cause?: unknown; facts?: FailureFacts } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'PipelineError';
    this.code = code;
    this.facts = options.facts ?? {};
  }

  get disposition(): Disposition {
    return FAILURES[this.code];
  }

  toPublic(): PublicFailure {
    return { code: this.code, message: this.message, hint: this.disposition.hint };
  }

  /** Anything thrown, as a PipelineError: what nobody translated is UNKNOWN and keeps its cause for the log. */
  static from(error: unknown): PipelineError {
    if (error instanceof PipelineError) return error;
    return new PipelineError('UNKNOWN', 'Something unexpected happened while working on this image.', {
      cause: error,
    });
  }
}

/** What the failure table says of `error`; undefined when nobody translated it. */
export const dispositionOf = (error: unknown): Disposition | undefined =>
  error instanceof PipelineError ? error.disposition : undefined;

/** Whether `error` is a failure with one of these codes. */
export const isFailure = (error: unknown, ...codes: FailureCode[]): boolean =>
  error instanceof PipelineError && codes.includes(error.code);
