import type { RequestHandler } from 'express';
import type { ResultPage } from '../../../shared/results/api/answers.ts';
import { listParameters } from '../../../shared/results/api/requests.ts';
import type { ResultReader } from '../../../shared/results/reading.ts';
import { viewOf } from '../../../shared/results/view.ts';
import { queryOf } from '../http/parameters.ts';
import type { ScopeOf } from '../http/scope.ts';
import { cursorOf, positionOf } from './cursor.ts';

const DEFAULT_LIMIT = 50;

interface ListDependencies {
  reader: Pick<ResultReader, 'list'>;
  scopeOf: ScopeOf;
}

/** `GET /v1/results?limit=&profile=&status=&uploader=&from=&cursor=`: newest first. */
export const listResults =
  ({ reader, scopeOf }: ListDependencies): RequestHandler =>
  async (request, response) => {
    const { limit = DEFAULT_LIMIT, cursor, profile, status, from } = queryOf(request, listParameters);
    const { uploader } = scopeOf(request, response);
    const { results, next } = await reader.list({
      limit,
      ...(profile === undefined ? {} : { profile }),
      ...(status === undefined ? {} : { status }),
      ...(uploader === undefined ? {} : { uploader }),
      ...(from === undefined ? {} : { from }),
      ...(cursor === undefined ? {} : { after: positionOf(cursor) }),
    });
    const page: ResultPage = {
      results: results.map(({ id, document }) => viewOf(id, document)),
      nextCursor: next ? cursorOf(next) : null,
    };
    response.set('Cache-Control', 'no-store').json(page);
  };
