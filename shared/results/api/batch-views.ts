import { z } from 'zod';
import { BATCH_STATES, type BatchJob, batchJob } from '../batches/job.ts';

const time = z.iso.datetime();
const stored = batchJob.shape;

const batchIdSchema = z
  .string()
  .regex(/^batch-[0-9a-f-]{6,60}$/)
  .describe('id of a batch job');

export const batchView = z
  .object({
    id: batchIdSchema,
    state: z.enum(BATCH_STATES),
    outcome: stored.outcome.unwrap().nullable().describe('how Google ended it, or why it never had it'),
    problem: z.string().nullable().describe('what went wrong last'),
    api: stored.api,
    model: z.string(),
    profile: z.string(),
    profileVersion: z.number().int(),
    pictures: z.number().int(),
    progress: z
      .object({ answered: z.number().int(), refused: z.number().int() })
      .describe('requests that Google has answered and refused so far'),
    counts: stored.counts.unwrap().describe('pictures by what became of them'),
    bytes: z.number().int().describe('of the requests'),
    reservedUsd: z.number(),
    costUsd: z.number().describe('billed for what is settled'),
    name: z.string().nullable().describe("Google's name of the job"),
    cancelRequested: z.boolean(),
    createdAt: time,
    deadline: time.describe('it is given up then'),
    endedAt: time.nullable(),
  })
  .meta({ id: 'BatchJob' });

export type BatchView = z.infer<typeof batchView>;

export const batchList = z
  .object({
    jobs: z.array(batchView).describe('the newest first'),
    waiting: z.number().int().describe('pictures that wait for a job'),
  })
  .meta({ id: 'BatchJobList' });

export type BatchList = z.infer<typeof batchList>;

export const batchInPath = z.object({ id: batchIdSchema });

export const viewOfBatch = (id: string, job: BatchJob): BatchView => ({
  id,
  state: job.state,
  outcome: job.outcome ?? null,
  problem: job.problem ?? null,
  api: job.api,
  model: job.model,
  profile: job.profile,
  profileVersion: job.profileVersion,
  pictures: job.pictures,
  progress: job.progress ?? { answered: 0, refused: 0 },
  counts: job.counts,
  bytes: job.bytes,
  reservedUsd: job.reservedUsd,
  costUsd: job.costUsd,
  name: job.name ?? null,
  cancelRequested: job.cancelRequestedAt !== undefined,
  createdAt: job.createdAt.toISOString(),
  deadline: job.deadline.toISOString(),
  endedAt: job.endedAt?.toISOString() ?? null,
});
