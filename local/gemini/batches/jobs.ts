import { randomBytes } from 'node:crypto';
import { GeminiError } from '../errors.ts';
import { isOver, type SimulatedJob } from './job.ts';

/** https://ai.google.dev/gemini-api/docs/batch-api: this many at once. */
const MAX_ACTIVE = 100;

type WantedJob = Pick<SimulatedJob, 'api' | 'model' | 'displayName' | 'input'> & Partial<SimulatedJob>;

/** Vertex AI numbers its jobs. */
const idOf = ({ api }: WantedJob): string =>
  api === 'vertex' ? String(BigInt(`0x${randomBytes(7).toString('hex')}`)) : randomBytes(10).toString('hex');

/** Every batch job of one simulator, of both APIs. */
export class SimulatedJobs {
  readonly #jobs = new Map<string, SimulatedJob>();

  /** @throws GeminiError 429 for one too many */
  add(wanted: WantedJob, nowMs: number, maxActive: number = MAX_ACTIVE): SimulatedJob {
    const active = [...this.#jobs.values()].filter((job) => job.api === wanted.api && !isOver(job)).length;
    if (wanted.api === 'developer' && active >= maxActive)
      throw new GeminiError(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).');
    const job: SimulatedJob = {
      id: idOf(wanted),
      state: 'PENDING',
      createdAt: nowMs,
      updatedAt: nowMs,
      counts: { total: 0, answered: 0, failed: 0 },
      cancelled: new AbortController(),
      ...wanted,
    };
    this.#jobs.set(job.id, job);
    return job;
  }

  /** Newest first, as both APIs list them. */
  list(api: SimulatedJob['api']): SimulatedJob[] {
    return [...this.#jobs.values()].filter((job) => job.api === api).toReversed();
  }

  /** @throws GeminiError 404 */
  get(api: SimulatedJob['api'], id: string): SimulatedJob {
    const job = this.#jobs.get(id);
    if (job?.api === api) return job;
    throw new GeminiError(404, 'NOT_FOUND', 'Requested entity was not found.');
  }

  /** @throws GeminiError 400 for one that is over */
  cancel(job: SimulatedJob): void {
    if (isOver(job))
      throw new GeminiError(
        400,
        'FAILED_PRECONDITION',
        `The job is in state ${job.state} and cannot be cancelled.`,
      );
    job.cancelled.abort();
  }

  delete(job: SimulatedJob): void {
    job.cancelled.abort();
    this.#jobs.delete(job.id);
  }

  reset(): void {
    for (const job of this.#jobs.values()) job.cancelled.abort();
    this.#jobs.clear();
  }
}
