import { deadLetterList, deadLettersReplayed } from '../answers.ts';
import { scopeParameters } from '../requests.ts';
import { type Route, SCOPED } from './route.ts';

/** Deliveries that were given up. */
export const DEAD_LETTER_ROUTES = {
  listDeadLetters: {
    method: 'get',
    path: '/v1/dead-letters',
    summary: 'What was given up after too many deliveries',
    inQuery: scopeParameters,
    answers: {
      200: { meaning: 'The first of them; looking takes none of them away.', content: deadLetterList },
    },
    problems: [...SCOPED, 'STORE_UNAVAILABLE', 'EVENTS_UNAVAILABLE'],
  },
  replayDeadLetters: {
    method: 'post',
    path: '/v1/dead-letters/replay',
    summary: 'Deliver again what was given up',
    about: 'What has ended since is removed, what is no event of a bucket is left.',
    inQuery: scopeParameters,
    answers: { 200: { meaning: 'What became of them.', content: deadLettersReplayed } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE', 'EVENTS_UNAVAILABLE'],
  },
} as const satisfies Record<string, Route>;
