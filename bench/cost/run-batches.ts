import type { LocalCloud } from '../../local/cloud.ts';
import { delay } from '../../shared/base/resilience/delay.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';

const RUN_LIMIT = 60;

/** Begins and settles batch jobs until none is left. */
export async function runBatches(cloud: LocalCloud, documents: Documents): Promise<void> {
  const jobs = new BatchJobs(documents, { leaseMs: 0 });
  for (let runs = 0; runs < RUN_LIMIT; runs += 1) {
    const response = await fetch(cloud.url('batch'), { method: 'POST', body: '{}' });
    const { waiting, begun } = (await response.json()) as { waiting: number; begun: number };
    if (waiting === 0 && begun === 0 && (await jobs.active()).length === 0) return;
    await delay(200);
  }
  throw new Error('The batch jobs have not come to an end.');
}
