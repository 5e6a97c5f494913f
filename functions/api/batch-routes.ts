import type { Request, RequestHandler } from 'express';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import {
  type BatchList,
  type BatchView,
  batchInPath,
  viewOfBatch,
} from '../../shared/results/api/batch-views.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import { countWaiting } from '../../shared/results/batches/waiting.ts';
import { onlyOperators, type Visibility } from './http/scope.ts';
import { Problem } from './problem.ts';

interface BatchRoutesDependencies {
  documents: Documents;
  visibility: Visibility;
}

/** As many as a person looks at. */
const LISTED = 50;

/** A job has pictures of many uploaders: only operators see it. Nobody works on jobs here, so no lease is taken. */
const jobsOf = ({ documents }: BatchRoutesDependencies): BatchJobs =>
  new BatchJobs(documents, { leaseMs: 0 });

/** `GET /v1/batches` */
export const listBatches =
  (deps: BatchRoutesDependencies): RequestHandler =>
  async (_request, response) => {
    onlyOperators(deps.visibility, response);
    const [jobs, waiting] = await Promise.all([jobsOf(deps).newest(LISTED), countWaiting(deps.documents)]);
    const body: BatchList = { jobs: jobs.map(({ id, job }) => viewOfBatch(id, job)), waiting };
    response.set('Cache-Control', 'no-store').json(body);
  };

/** `GET /v1/batches/{id}` */
export const showBatch =
  (deps: BatchRoutesDependencies): RequestHandler =>
  async (request, response) => {
    onlyOperators(deps.visibility, response);
    response.set('Cache-Control', 'no-store').json(await viewAt(deps, request));
  };

/** `POST /v1/batches/{id}/cancel` */
export const cancelBatch =
  (deps: BatchRoutesDependencies): RequestHandler =>
  async (request, response) => {
    onlyOperators(deps.visibility, response);
    const { id } = await viewAt(deps, request);
    const outcome = await jobsOf(deps).requestCancel(id);
    if (outcome === 'ended')
      throw new Problem(
        'BATCH_ENDED',
        'This batch job has ended.',
        'Its pictures are answered, or on their way.',
      );
    response
      .status(202)
      .set('Cache-Control', 'no-store')
      .json(await viewAt(deps, request));
  };

async function viewAt(deps: BatchRoutesDependencies, { params }: Request): Promise<BatchView> {
  const id = batchInPath.safeParse(params).data?.id;
  const found = id === undefined ? undefined : await jobsOf(deps).get(id);
  if (found) return viewOfBatch(found.id, found.job);
  throw new Problem('NOT_FOUND', 'There is no batch job of this id.', 'Look at GET /v1/batches.');
}
