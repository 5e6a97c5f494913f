import type { RequestHandler } from 'express';
import type { ResultReader, StoredResult } from '../../../shared/results/reading.ts';
import { viewOf } from '../../../shared/results/view.ts';
import { Problem } from '../problem.ts';

const ID = /^[0-9a-f]{32}$/;

/** The result that the address names; throws NOT_FOUND. */
export async function resultNamed(reader: Pick<ResultReader, 'get'>, id: unknown): Promise<StoredResult> {
  const found = typeof id === 'string' && ID.test(id) ? await reader.get(id) : undefined;
  if (found) return found;
  throw new Problem(
    'NOT_FOUND',
    'There is no result of that id.',
    'A picture that was just uploaded appears within seconds; otherwise check the id.',
    { resultStatus: 'not_found' },
  );
}

/** `GET /v1/results/{id}` */
export const showResult =
  (reader: Pick<ResultReader, 'get'>): RequestHandler =>
  async (request, response) => {
    const { id, document } = await resultNamed(reader, request.params['id']);
    response.set('Cache-Control', 'no-store').json(viewOf(id, document));
  };
