import { batchInPath, batchList, batchView } from '../batch-views.ts';
import type { Route } from './route.ts';

/** Batch jobs. */
export const BATCH_ROUTES = {
  listBatches: {
    method: 'get',
    path: '/v1/batches',
    summary: 'Batch jobs, newest first',
    about: 'For operators: pictures of many uploaders share a job. They are answered at half the price.',
    answers: { 200: { meaning: 'The jobs, and how many pictures wait for one.', content: batchList } },
    problems: ['NOT_OPERATOR', 'STORE_UNAVAILABLE'],
  },
  showBatch: {
    method: 'get',
    path: '/v1/batches/{id}',
    summary: 'Read one batch job',
    inPath: batchInPath,
    answers: { 200: { meaning: 'The job as it stands.', content: batchView } },
    problems: ['NOT_OPERATOR', 'NOT_FOUND', 'STORE_UNAVAILABLE'],
  },
  cancelBatch: {
    method: 'post',
    path: '/v1/batches/{id}/cancel',
    summary: 'Give a batch job up',
    about: 'For operators. What is answered by then is kept; the other pictures go by flex and standard.',
    inPath: batchInPath,
    answers: { 202: { meaning: 'It is given up within minutes.', content: batchView } },
    problems: ['NOT_OPERATOR', 'NOT_FOUND', 'BATCH_ENDED', 'STORE_UNAVAILABLE'],
  },
} as const satisfies Record<string, Route>;
