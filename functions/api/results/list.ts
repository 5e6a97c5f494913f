import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { ResultPage } from '../../../shared/api/answers.ts';
import type { ListOptions, ResultReader } from '../../../shared/results/reading.ts';
import { VIEW_STATUSES, viewOf } from '../../../shared/results/view.ts';
import { Problem } from '../problem.ts';
import { cursorOf, positionOf } from './cursor.ts';

const MAX_LIMIT = 200;

const parameters = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(MAX_LIMIT))
    .optional(),
  profile: z.string().min(1).max(40).optional(),
  status: z.enum(VIEW_STATUSES).optional(),
  cursor: z.string().min(1).max(400).optional(),
});

const DEFAULT_LIMIT = 50;

/** `GET /v1/results?limit=&profile=&status=&cursor=`: newest first. */
export const listResults =
  (reader: Pick<ResultReader, 'list'>): RequestHandler =>
  async (request, response) => {
    const { results, next } = await reader.list(optionsFrom(request.query));
    const page: ResultPage = {
      results: results.map(({ id, document }) => viewOf(id, document)),
      nextCursor: next ? cursorOf(next) : null,
    };
    response.set('Cache-Control', 'no-store').json(page);
  };

function optionsFrom(query: unknown): ListOptions {
  const parsed = parameters.safeParse(query);
  if (!parsed.success) {
    const detail = parsed.error.issues
      .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
      .join('; ');
    throw new Problem(
      'INVALID_REQUEST',
      detail.slice(0, 500),
      `Parameters are limit (1 to ${MAX_LIMIT}), profile, status (${VIEW_STATUSES.join(', ')}) and cursor.`,
    );
  }
  const { limit = DEFAULT_LIMIT, profile, status, cursor } = parsed.data;
  return {
    limit,
    ...(profile === undefined ? {} : { profile }),
    ...(status === undefined ? {} : { status }),
    ...(cursor === undefined ? {} : { after: positionOf(cursor) }),
  };
}
