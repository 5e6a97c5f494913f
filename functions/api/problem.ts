import type { ErrorRequestHandler, Response } from 'express';
import type { FailureCode } from '../../shared/errors/codes.ts';
import { PipelineError } from '../../shared/errors/pipeline-error.ts';
import type { Log } from '../../shared/log/log.ts';

/** What can be wrong with a request itself; failures of images have their own table. */
const REQUEST_PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid' },
  UNKNOWN_PROFILE: { status: 400, title: 'There is no such profile' },
  FOREIGN_ORIGIN: { status: 403, title: 'Other sites may not change anything here' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This address does not take that method' },
  UPLOAD_STALLED: { status: 408, title: 'The upload stopped moving' },
  TOO_MANY_BYTES: { status: 413, title: 'The file is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body is of a kind that is not taken' },
  FOREIGN_HOST: { status: 421, title: 'This server does not go by that name' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
  STORAGE_UNAVAILABLE: { status: 503, title: 'Cloud Storage does not answer' },
  STORE_UNAVAILABLE: { status: 503, title: 'Firestore does not answer' },
  PAGE_NOT_BUILT: { status: 503, title: 'The page is not built' },
  TOO_MANY_LISTENERS: { status: 503, title: 'Too many event streams are open' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof REQUEST_PROBLEMS;

const RETRY_AFTER_SECONDS = 5;

/** An answer that is not the wanted one, for people: RFC 9457 with a code for programs and a hint for what to do next. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly hint: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    detail: string,
    hint: string,
    facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.code = code;
    this.hint = hint;
    this.facts = facts;
  }

  get status(): number {
    return REQUEST_PROBLEMS[this.code].status;
  }

  toJSON(): Record<string, unknown> {
    const { status, title } = REQUEST_PROBLEMS[this.code];
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
  if (isClientError(error))
    return new Problem('INVALID_REQUEST', 'The request cannot be read.', 'Check its address and headers.');
  return new Problem(
    'INTERNAL',
    'The request could not be carried out.',
    'Try again; if it repeats, look at the log of the function api.',
  );
}

const hintOf = (error: PipelineError): string =>
  error.disposition.redeliver ? 'Try again in a few seconds.' : error.disposition.hint;

/** Express and its router mark what the caller did wrong (a malformed percent code, for example) with a 4xx status. */
const isClientError = (error: unknown): boolean => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500;
};

export function sendProblem(response: Response, problem: Problem): void {
  if (response.headersSent) {
    // Half an answer is out: a broken connection is the only honest signal left.
    response.destroy();
    return;
  }
  if (problem.status === 503) response.set('Retry-After', String(RETRY_AFTER_SECONDS));
  response
    .status(problem.status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}

/** The last middleware: every error becomes a problem, and the log keeps what people must not see. */
export const problemHandler =
  (log: Log): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const problem = problemFrom(error);
    if (problem.status >= 500) log.error('api.failed', error, { method: request.method, path: request.path });
    sendProblem(response, problem);
  };
