import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import type { ReadJob } from '../../shared/results/batches/jobs.ts';
import type { ResultLine } from './apis/batch-api.ts';
import type { BatchDependencies } from './dependencies.ts';

/** Google keeps answers for 48 hours, and a job ends within as long. */
const ANSWERS_KEPT_MS = 96 * 3_600_000;

/** None where Google has them no more: it says 404, or 403 as for a file that is somebody else's. */
export async function* answersOf(
  { api, log }: BatchDependencies,
  { id, job }: ReadJob,
  output: string,
  signal: AbortSignal,
): AsyncGenerator<ResultLine | undefined> {
  try {
    yield* api.results(output, job.model, signal);
  } catch (error) {
    const { httpStatus } = PipelineError.from(error).facts;
    const isOld = Date.now() - job.createdAt.getTime() > ANSWERS_KEPT_MS;
    if (httpStatus !== 404 && !(httpStatus === 403 && isOld)) throw error;
    log.error('batch.answers-gone', error, { job: id, output });
  }
}
