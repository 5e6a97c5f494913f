import { describe, expect, it } from 'vitest';
import type { BatchDependencies } from '../../functions/batch/dependencies.ts';
import { createBatchRun } from '../../functions/batch/handler.ts';
import { PipelineError } from '../../shared/base/errors/pipeline-error.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import { DESCRIPTION } from '../support/pipeline.ts';
import { UNSURE } from './batching.ts';
import {
  allRun,
  allWait,
  HOUR_MS,
  jobsIn,
  NEVER,
  over,
  processOf,
  resultOf,
  runOf,
  useBench,
  waiting,
} from './in-process.ts';

const bench = useBench();

describe('a job that comes to nothing', () => {
  it('is followed by one of the model that its pictures wait for', async () => {
    await waiting(bench, 'a.jpg');
    // The third step is another model's.
    bench.google.says = () => (bench.google.created.length > 2 ? DESCRIPTION : UNSURE);
    bench.google.ends = (n) => (n === 2 ? 'expired' : 'succeeded');
    await allRun(bench);
    const models = bench.google.created.map(({ model }) => model);
    expect(models).toHaveLength(4);
    expect(models[2]).not.toBe(models[0]);
    expect(models[3]).toBe(models[2]);
    const { attempts } = await resultOf(bench, 'a.jpg');
    expect(attempts.map(({ step, model }) => [step, model])).toEqual([
      [0, models[0]],
      [1, models[1]],
      [2, models[2]],
    ]);
  });

  it('has not done so because Google does not know it in its first moments', async () => {
    await allWait(bench);
    const { google } = bench;
    const get = google.get.bind(google);
    let looks = 0;
    Object.assign(google, {
      get: async (name: string) => {
        looks += 1;
        return looks === 1 ? undefined : get(name);
      },
    });
    await allRun(bench);
    expect(await jobsIn(bench)).toMatchObject([{ outcome: 'succeeded', counts: { answered: 4 } }]);
  });

  it('ends also where Google has its answers no more', async () => {
    await allWait(bench);
    bench.google.answering = async () => {
      throw new PipelineError('MODEL_CREDENTIALS', 'It may not exist.', { facts: { httpStatus: 403 } });
    };
    await runOf(processOf(bench));
    const [job] = await jobsIn(bench);
    expect(job).toMatchObject({ state: 'settling' });
    const longAgo = new Date(Date.now() - 100 * HOUR_MS);
    await bench.documents.merge(`batches/${job?.id}`, { createdAt: longAgo });
    await runOf(processOf(bench));
    expect((await jobsIn(bench))[0]).toMatchObject({ state: 'ended', counts: { again: 4 } });
  });

  it('is given up when a person wants it, also where its requests cannot be stored', async () => {
    await allWait(bench);
    bench.google.storing = async () => {
      throw new PipelineError('MODEL_OVERLOADED', 'Not now.', { facts: { httpStatus: 503 } });
    };
    await runOf(processOf(bench));
    const [job] = await jobsIn(bench);
    expect(job).toMatchObject({ state: 'assembling' });
    await new BatchJobs(bench.documents, { leaseMs: 1 }).requestCancel(job?.id ?? '');
    await runOf(processOf(bench));
    expect(await jobsIn(bench)).toMatchObject([
      { state: 'ended', outcome: 'refused', counts: { returned: 4 } },
    ]);
  });
});

describe('a run whose time is short', () => {
  it('begins jobs, however many pictures wait for the answer of another one', async () => {
    await allWait(bench);
    const MANY = 150;
    for (let i = 0; i < MANY; i += 1) await waiting(bench, `same-${i}.jpg`, { batch: { group: 'repeats' } });
    const recall: BatchDependencies['recall'] = async () => {
      await over(10);
      throw new PipelineError('CLAIM_BUSY', 'The other one waits.');
    };
    const report = await createBatchRun(processOf(bench, { recall }), 2_000)(NEVER, true);
    expect(report.begun).toBeGreaterThan(0);
  });
});
