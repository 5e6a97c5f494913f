import type { RequestHandler } from 'express';
import type { Replayed } from '../../../shared/results/api/answers.ts';
import { replayRequest } from '../../../shared/results/api/requests.ts';
import { isExpired } from '../../../shared/results/claim.ts';
import type { ReadResult } from '../../../shared/results/recovery/recovery.ts';
import { type ResumeDependencies, replay, resume } from '../../../shared/results/recovery/resume.ts';
import { isTerminal } from '../../../shared/results/statuses.ts';
import { jsonBody } from '../http/json-body.ts';
import { Problem } from '../problem.ts';
import { noResult, type ResultAccess, resultNamed } from './show.ts';

interface ReplayDependencies extends ResumeDependencies, ResultAccess {
  uploadIdleMs: number;
}

/** `POST /v1/results/{id}/replay`: an image that has ended, is parked or stands still is sent on its way again. */
export const replayResult =
  (deps: ReplayDependencies): RequestHandler =>
  async (request, response) => {
    const { anew } = await jsonBody(request, replayRequest, { optional: true, withinMs: deps.uploadIdleMs });
    const { id } = await resultNamed(deps, request, response);
    const result = await deps.recovery.get(id);
    if (!result) throw noResult();
    const outcome = await sendAgain(deps, result, anew);
    if (outcome === 'changed') throw underWay();
    if (outcome === 'gone') throw sourceGone();
    const resultUrl = `/v1/results/${id}`;
    const body: Replayed = { id, status: 'queued', from: outcome, resultUrl };
    response.status(202).location(resultUrl).json(body);
  };

function sendAgain(deps: ReplayDependencies, result: ReadResult, anew: boolean) {
  const { status, claim } = result.document;
  if (isTerminal(status) || (status === 'parked' && anew)) return replay(deps, result, { anew });
  // Starting over what is being worked on would pay for it twice.
  if (status !== 'parked' && !isExpired(claim.expiresAt, Date.now())) throw underWay();
  // It has been sent on its way with the picture that is there.
  if (anew && claim.stage === 'analyze') throw underWay();
  return resume(deps, result);
}

const sourceGone = (): Problem =>
  new Problem(
    'SOURCE_GONE',
    'The upload is gone, so there is nothing to answer again from; the result stays as it is.',
    'Upload the picture again.',
  );

const underWay = (): Problem =>
  new Problem('UNDER_WAY', 'The picture is being worked on right now.', 'Wait for its result.');
