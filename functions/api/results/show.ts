import type { Request, RequestHandler, Response } from 'express';
import { showParameters } from '../../../shared/results/api/requests.ts';
import type { PendingResult, ResultView } from '../../../shared/results/api/result.ts';
import type { ResultReader, StoredResult } from '../../../shared/results/reading.ts';
import { viewOf } from '../../../shared/results/view.ts';
import { callerOf } from '../http/caller.ts';
import { queryOf } from '../http/parameters.ts';
import { covers, type PictureScope, type ScopeOf } from '../http/scope.ts';
import { pendingOf, type Submissions } from '../images/submissions.ts';
import { Problem } from '../problem.ts';
import type { Waiters } from './waiters.ts';

const ID = /^[0-9a-f]{32}$/;

/** What leads from the id in an address to a result that the caller may see. */
export interface ResultAccess {
  reader: Pick<ResultReader, 'get'>;
  scopeOf: ScopeOf;
}

interface ShowDependencies extends ResultAccess {
  submissions: Submissions;
  waiters: Waiters;
}

/** The id in an address; throws NOT_FOUND for what cannot be one. */
export function idFrom(id: unknown): string {
  if (typeof id === 'string' && ID.test(id)) return id;
  throw noResult();
}

/** The result that the address names; throws NOT_FOUND, also for one that the caller may not see. */
export async function resultNamed(
  { reader, scopeOf }: ResultAccess,
  request: Request,
  response: Response,
): Promise<StoredResult> {
  const scope = scopeOf(request, response);
  const found = await reader.get(idFrom(request.params['id']));
  if (found && covers(scope, found.document.source.uploader)) return found;
  throw noResult();
}

export const noResult = (): Problem =>
  new Problem(
    'NOT_FOUND',
    'There is no result of that id.',
    'A picture that was just uploaded appears within seconds; otherwise check the id.',
    { resultStatus: 'not_found' },
  );

/** `GET /v1/results/{id}?wait=` */
export const showResult =
  (deps: ShowDependencies): RequestHandler =>
  async (request, response) => {
    const id = idFrom(request.params['id']);
    const { wait = 0 } = queryOf(request, showParameters);
    const scope = deps.scopeOf(request, response);
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the caller went away')));
    try {
      const seen = await deps.waiters.until({
        id,
        caller: callerOf(response).key,
        look: (news) => (news ? Promise.resolve(shown(scope, news)) : look(deps, scope, id)),
        isEnough,
        waitMs: wait * 1000,
        signal: gone.signal,
      });
      if (!seen) throw noResult();
      response.set('Cache-Control', 'no-store').json(seen);
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
  };

type Seen = ResultView | PendingResult | undefined;

async function look(
  { reader, submissions }: ShowDependencies,
  scope: PictureScope,
  id: string,
): Promise<Seen> {
  const stored = await reader.get(id);
  if (stored) return shown(scope, stored);
  const object = await submissions.find(id, scope);
  return object && pendingOf(id, object);
}

const shown = (scope: PictureScope, { id, document }: StoredResult): Seen =>
  covers(scope, document.source.uploader) ? viewOf(id, document) : undefined;

const isEnough = (seen: Seen): boolean =>
  seen !== undefined && seen.status !== 'queued' && seen.status !== 'processing';
