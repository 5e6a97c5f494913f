import type { BatchJob } from './job.ts';

type Standing = Pick<BatchJob, 'state' | 'counts'> & { progress: NonNullable<BatchJob['progress']> };

/** Pictures of a job that are done with: by Google's own count until its answers are here, then by what became of each. */
export function picturesDone({ state, counts, progress }: Standing): number {
  if (state !== 'settling' && state !== 'ended') return progress.answered + progress.refused;
  return counts.answered + counts.failed + counts.again + counts.returned + counts.superseded;
}
