import type {
  DeadLetterList,
  DeadLettersReplayed,
  Replayed,
  ResultPage,
  ReviewsWaiting,
  ReviewTurnView,
  ServiceStatus,
} from '../../shared/results/api/answers.ts';
import type { BatchList, BatchView } from '../../shared/results/api/batch-views.ts';
import type { CostView, Stats } from '../../shared/results/api/figures.ts';
import type {
  ProfileChanged,
  ProfileDetails,
  ProfileVersionView,
  ProfileView,
} from '../../shared/results/api/profile-views.ts';
import type { FeedbackRequest } from '../../shared/results/api/requests.ts';
import type { PendingResult, ResultView } from '../../shared/results/api/result.ts';

/** What the server says when it does not do what was asked. */
export class RequestFailed extends Error {
  readonly hint: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(message: string, hint: string, status: number) {
    super(message);
    this.name = 'RequestFailed';
    this.hint = hint;
    this.status = status;
  }
}

export const UNREACHABLE = new RequestFailed(
  'The server does not answer.',
  'Check that it is running; the page reconnects automatically.',
  0,
);

/** A problem document as an error; anything else that is not one says its status. */
export function failureFrom(status: number, body: string): RequestFailed {
  try {
    const problem = JSON.parse(body) as { detail?: string; hint?: string };
    if (problem.detail) return new RequestFailed(problem.detail, problem.hint ?? '', status);
  } catch {
    // A proxy's own page: its status is all that can be said.
  }
  return new RequestFailed(`The server answered ${status}.`, 'Try again in a moment.', status);
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch(() => {
    throw UNREACHABLE;
  });
  if (!response.ok) throw failureFrom(response.status, await response.text());
  return response;
}

async function get<T>(path: string): Promise<T> {
  const response = await ask(path, { headers: { Accept: 'application/json' } });
  return response.json() as Promise<T>;
}

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
  const response = await ask(path, {
    ...{ method: 'POST', headers, body: JSON.stringify(body) },
    ...(signal ? { signal } : {}),
  });
  return response.json() as Promise<T>;
}

export const getStatus = (): Promise<ServiceStatus> => get('/v1/status');

export const getProfiles = async (): Promise<ProfileView[]> =>
  (await get<{ profiles: ProfileView[] }>('/v1/profiles')).profiles;

/** The same with how much each was used in the last days, for callers that see everything. */
export const getProfilesWithUse = async (days: number): Promise<ProfileView[]> =>
  (await get<{ profiles: ProfileView[] }>(`/v1/profiles?days=${days}`)).profiles;

export const getProfile = (name: string): Promise<ProfileDetails> => get(`/v1/profiles/${name}`);

export const getProfileVersion = (name: string, version: number): Promise<ProfileVersionView> =>
  get(`/v1/profiles/${name}/versions/${version}`);

/** What pushing the text would come to; changes nothing. */
export const checkProfile = (name: string, text: string, signal: AbortSignal): Promise<ProfileChanged> =>
  post(`/v1/profiles/${name}/versions?dryRun=true`, { text }, signal);

/** `basedOn`: the version that was edited; refused when another one has become active meanwhile. */
export const pushProfile = (
  name: string,
  push: { text: string; activate?: boolean; basedOn?: number | null },
): Promise<ProfileChanged> => post(`/v1/profiles/${name}/versions`, push);

export const rollBackProfile = (name: string, to: number): Promise<ProfileChanged> =>
  post(`/v1/profiles/${name}/rollback`, { to });

export const deleteProfile = async (name: string): Promise<void> => {
  await ask(`/v1/profiles/${name}`, { method: 'DELETE' });
};

/** One page of the list, newest first; `query` holds the filter. */
export function getResults(
  query: Readonly<Record<string, string>>,
  limit: number,
  cursor?: string,
): Promise<ResultPage> {
  const all = new URLSearchParams({ ...query, limit: String(limit), ...(cursor ? { cursor } : {}) });
  return get(`/v1/results?${all}`);
}

export const getResult = (id: string): Promise<ResultView | PendingResult> => get(`/v1/results/${id}`);

export const replayResult = (id: string, anew: boolean): Promise<Replayed> =>
  post(`/v1/results/${id}/replay`, { anew });

export const deleteImage = async (id: string): Promise<void> => {
  await ask(`/v1/images/${id}`, { method: 'DELETE' });
};

export const giveFeedback = (id: string, feedback: FeedbackRequest): Promise<ResultView> =>
  post(`/v1/results/${id}/feedback`, feedback);

/** How many answers wait for a person; an empty `profile` is all of them. */
export const countReviews = async (profile: string): Promise<number> =>
  (await get<ReviewsWaiting>(`/v1/reviews${ofProfile(profile)}`)).wanted;

/** The longest waiting answer, for this person alone; undefined when nothing waits. */
export async function takeReview(profile: string): Promise<ReviewTurnView | undefined> {
  const response = await ask(`/v1/reviews/next${ofProfile(profile)}`, { method: 'POST' });
  return response.status === 204 ? undefined : ((await response.json()) as ReviewTurnView);
}

const ofProfile = (profile: string): string =>
  profile === '' ? '' : `?profile=${encodeURIComponent(profile)}`;

export async function passReview(id: string, pass: 'skip' | 'release'): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  await ask(`/v1/results/${id}/review`, { method: 'POST', headers, body: JSON.stringify({ pass }) });
}

export const getDeadLetters = (): Promise<DeadLetterList> => get('/v1/dead-letters');

export const replayDeadLetters = (): Promise<DeadLettersReplayed> => post('/v1/dead-letters/replay', {});

export const getBatches = (): Promise<BatchList> => get('/v1/batches');

export const cancelBatch = (id: string): Promise<BatchView> => post(`/v1/batches/${id}/cancel`, {});

export const getStats = (): Promise<Stats> => get('/v1/stats');

export const getCost = (days: number): Promise<CostView> => get(`/v1/cost?days=${days}`);
