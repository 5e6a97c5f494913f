import { reviewsWaiting, reviewTurn } from '../answers.ts';
import { idInPath, passRequest, reviewParameters, scopeParameters } from '../requests.ts';
import { JSON_BODY, type Route, SCOPED } from './route.ts';

/** Answers that wait for a person. */
export const REVIEW_ROUTES = {
  showReviews: {
    method: 'get',
    path: '/v1/reviews',
    summary: 'How many answers wait for a person',
    inQuery: reviewParameters,
    answers: { 200: { meaning: 'The count.', content: reviewsWaiting } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  takeReview: {
    method: 'post',
    path: '/v1/reviews/next',
    summary: 'Take the longest waiting answer to look at it',
    about:
      'Answers wait that no step of the ladder was sure of, that break a check or were cut off, and the share of samples that ' +
      'a profile asks for. Nobody else is offered the same one for ten minutes. Feedback ends the review.',
    inQuery: reviewParameters,
    answers: {
      200: { meaning: 'One answer, for this caller alone.', content: reviewTurn },
      204: { meaning: 'Nothing waits.' },
    },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  passReview: {
    method: 'post',
    path: '/v1/results/{id}/review',
    summary: 'Give back an answer that was not judged',
    inPath: idInPath,
    inQuery: scopeParameters,
    body: { meaning: 'Where it goes.', required: true, content: passRequest },
    answers: { 204: { meaning: 'It is offered to others again, unless it was judged meanwhile.' } },
    problems: [...JSON_BODY, 'FOREIGN_UPLOADER', 'NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
} as const satisfies Record<string, Route>;
