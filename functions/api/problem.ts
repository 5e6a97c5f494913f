import type { ErrorRequestHandler, Response } from 'express';
import type { FailureCode } from '../../shared/base/errors/codes.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { Log } from '../../shared/base/log.ts';
import { PubSubError } from '../../shared/cloud/pubsub.ts';
import { INSUFFICIENT_STORAGE } from '../../shared/cloud/storage/storage-failure.ts';
import { PROBLEMS, type ProblemCode } from '../../shared/results/api/problem-codes.ts';
import { drain } from './http/drain.ts';

const RETRY_AFTER_SECONDS = 5;

/** An answer that is not the wanted one, for people: RFC 9457 with a code for programs and a hint for what to do next. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly hint: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Seconds after which the same request may go well. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    hint: string,
    facts: Readonly<Record<string, unknown>> = {},
    { retryAfterSeconds }: { retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.hint = hint;
    this.facts = facts;
    this.retryAfterSeconds = retryAfterSeconds ?? (this.status === 503 ? RETRY_AFTER_SECONDS : undefined);
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  toJSON(): Record<string, unknown> {
    const { status, title } = PROBLEMS[this.code];
    const { code, message, hint, facts } = this;
    return {
      type: `urn:problem:${code.toLowerCase()}`,
      title,
      status,
      detail: message,
      code,
      hint,
      ...facts,
    };
  }
}

/** Failures of the pipeline that a caller of the API can meet, by the problem they are. */
const PROBLEM_OF_FAILURE: Partial<Record<FailureCode, ProblemCode>> = {
  TOO_MANY_BYTES: 'TOO_MANY_BYTES',
  UNKNOWN_PROFILE: 'UNKNOWN_PROFILE',
  STORAGE_UNAVAILABLE: 'STORAGE_UNAVAILABLE',
  STORE_UNAVAILABLE: 'STORE_UNAVAILABLE',
};

/** Anything thrown, as a problem; `undefined` facts of internals stay in the log. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof PipelineError) {
    const code = PROBLEM_OF_FAILURE[error.code];
    if (code) return new Problem(code, error.message, hintOf(error));
  }
  if (error instanceof PubSubError && error.code === 503)
    return new Problem('EVENTS_UNAVAILABLE', 'Pub/Sub did not answer.', 'Try again in a few seconds.');
  if (isClientError(error))
    return new Problem('INVALID_REQUEST', 'The request cannot be read.', 'Check its address and headers.');
  return new Problem(
    'INTERNAL',
    'The request could not be carried out.',
    'Try again; if it repeats, look at the log of the function api.',
  );
}

function hintOf({ disposition, facts }: PipelineError): string {
  if (facts.httpStatus === INSUFFICIENT_STORAGE)
    return 'Free some space on the disk that holds the data folder, then try again.';
  return disposition.redeliver ? 'Try again in a few seconds.' : disposition.hint;
}

/** Express and its router mark what the caller did wrong (a malformed percent code, for example) with a 4xx status. */
const isClientError = (error: unknown): boolean => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500;
};

function sendProblem(response: Response, problem: Problem): void {
  if (response.headersSent) {
    // Half an answer is out: a broken connection is the only honest signal left.
    response.destroy();
    return;
  }
  const { retryAfterSeconds } = problem;
  if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
  if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer');
  response
    .status(problem.status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** The last middleware: every error becomes a problem, and the log keeps what people must not see. */
export const problemHandler =
  (log: Log): ErrorRequestHandler =>
  async (error, request, response, _next) => {
    const problem = problemFrom(error);
    if (problem.status >= 500) log.error('api.failed', error, { method: request.method, path: request.path });
    await drain(request, response);
    sendProblem(response, problem);
  };
