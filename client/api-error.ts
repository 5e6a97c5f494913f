import { type ProblemView, problem } from '../shared/results/api/problems.ts';

/** The API did not do what was asked. `message` is its sentence, `hint` what to do next. */
export class ApiError extends Error {
  readonly status: number;
  /** Undefined when something in front of the API answered (a proxy, the platform's own check of callers). */
  readonly code: ProblemView['code'] | undefined;
  readonly hint: string;
  /** Milliseconds after which the same request may go well. */
  readonly retryAfterMs: number | undefined;

  constructor(response: Response, body: string) {
    const view = problem.safeParse(parsed(body)).data;
    super(view?.detail ?? `The server answered ${response.status}.`);
    this.name = 'ApiError';
    this.status = response.status;
    this.code = view?.code;
    this.hint = view?.hint ?? 'Check the address, and that you may call it.';
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
