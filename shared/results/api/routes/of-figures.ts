import { serviceStatus } from '../answers.ts';
import { cost, stats } from '../figures.ts';
import { costParameters, scopeParameters } from '../requests.ts';
import { type Route, SCOPED } from './route.ts';

/** Figures, and what this deployment is. */
export const FIGURE_ROUTES = {
  showStats: {
    method: 'get',
    path: '/v1/stats',
    summary: 'Counts, success rate, latency, cost per image',
    inQuery: scopeParameters,
    answers: { 200: { meaning: 'The figures.', content: stats } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  showCost: {
    method: 'get',
    path: '/v1/cost',
    summary: 'What was spent, by day, profile, model and uploader',
    about:
      'Where the pictures of one uploader are asked for, it is by day alone: what profiles and models cost is not split by ' +
      'uploader. On a day of many hundred uploaders the latest of them are summed up as `(others)` and find nothing.',
    inQuery: costParameters,
    answers: { 200: { meaning: 'The books of the days.', content: cost } },
    problems: [...SCOPED, 'STORE_UNAVAILABLE'],
  },
  showStatus: {
    method: 'get',
    path: '/v1/status',
    summary: 'What this deployment is',
    answers: {
      200: {
        meaning: 'Facts that do not change while it runs, and how much the caller sees.',
        content: serviceStatus,
      },
    },
    problems: [],
  },
} as const satisfies Record<string, Route>;
