import type { RequestHandler } from 'express';
import type { ReviewsWaiting, ReviewTurnView } from '../../../shared/results/api/answers.ts';
import { passRequest, reviewParameters } from '../../../shared/results/api/requests.ts';
import type { Reviews } from '../../../shared/results/reviews.ts';
import { viewOf } from '../../../shared/results/view.ts';
import { callerOf } from '../http/caller.ts';
import { jsonBody } from '../http/json-body.ts';
import { queryOf } from '../http/parameters.ts';
import type { ScopeOf } from '../http/scope.ts';
import { type ResultAccess, resultNamed } from './show.ts';

interface ReviewDependencies {
  reviews: Reviews;
  scopeOf: ScopeOf;
}

const scopeIn =
  (scopeOf: ScopeOf) =>
  (...[request, response]: Parameters<ScopeOf>) => {
    const { profile } = queryOf(request, reviewParameters);
    return { profile, uploader: scopeOf(request, response).uploader };
  };

/** `GET /v1/reviews?profile=` */
export function showReviews({ reviews, scopeOf }: ReviewDependencies): RequestHandler {
  const scope = scopeIn(scopeOf);
  return async (request, response) => {
    const body: ReviewsWaiting = { wanted: await reviews.count(scope(request, response)) };
    response.set('Cache-Control', 'no-store').json(body);
  };
}

/** `POST /v1/reviews/next?profile=` */
export function takeReview({ reviews, scopeOf }: ReviewDependencies): RequestHandler {
  const scope = scopeIn(scopeOf);
  return async (request, response) => {
    const turn = await reviews.take(scope(request, response), callerOf(response).identity ?? null);
    if (!turn) return void response.status(204).end();
    const { id, document, heldUntil } = turn;
    const body: ReviewTurnView = { result: viewOf(id, document), heldUntil: heldUntil.toISOString() };
    response.set('Cache-Control', 'no-store').json(body);
  };
}

/** `POST /v1/results/{id}/review` */
export const passReview =
  ({
    reviews,
    uploadIdleMs,
    ...access
  }: ResultAccess & { reviews: Reviews; uploadIdleMs: number }): RequestHandler =>
  async (request, response) => {
    const { pass } = await jsonBody(request, passRequest, { withinMs: uploadIdleMs });
    const { id } = await resultNamed(access, request, response);
    await reviews.pass(id, callerOf(response).identity ?? null, pass);
    response.status(204).end();
  };
