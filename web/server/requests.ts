import type { ProfileView, ResultPage, ServiceStatus } from '../../shared/api/answers.ts';
import type { ViewStatus } from '../../shared/results/view.ts';

/** What the server says when it does not do what was asked. */
export class RequestFailed extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'RequestFailed';
    this.hint = hint;
  }
}

export const UNREACHABLE = new RequestFailed(
  'The server does not answer.',
  'Check that it is running; the page goes on by itself.',
);

/** A problem document as an error; anything else that is not one says its status. */
export function failureFrom(status: number, body: string): RequestFailed {
  try {
    const problem = JSON.parse(body) as { detail?: string; hint?: string };
    if (problem.detail) return new RequestFailed(problem.detail, problem.hint ?? '');
  } catch {
    // A proxy's own page: its status is all that can be said.
  }
  return new RequestFailed(`The server answered ${status}.`, 'Try again in a moment.');
}

async function get<T>(path: string): Promise<T> {
  const response = await fetch(path, { headers: { Accept: 'application/json' } }).catch(() => {
    throw UNREACHABLE;
  });
  if (!response.ok) throw failureFrom(response.status, await response.text());
  return response.json() as Promise<T>;
}

export interface Filter {
  profile?: string;
  status?: ViewStatus;
}

export const getStatus = (): Promise<ServiceStatus> => get('/v1/status');

export const getProfiles = async (): Promise<ProfileView[]> =>
  (await get<{ profiles: ProfileView[] }>('/v1/profiles')).profiles;

export function getResults(filter: Filter, limit: number, cursor?: string): Promise<ResultPage> {
  const query = new URLSearchParams({ ...filter, limit: String(limit), ...(cursor ? { cursor } : {}) });
  return get(`/v1/results?${query}`);
}
