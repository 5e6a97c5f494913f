import type { z } from 'zod';
import { integer } from '../../base/config.ts';
import { PipelineError } from '../../base/errors/pipeline-error.ts';
import type { Documents, Patch } from '../../cloud/firestore/documents.ts';
import type { Profile } from '../../profiles/define.ts';
import type { ReferencePicture } from '../../profiles/references.ts';
import type { AskedLane, BatchShare, ResultDocument } from '../document.ts';
import { answerKey } from '../earlier-answers.ts';
import { RESULT_QUERIES } from '../queries.ts';

/** Variables of the functions that give pictures to batches and take them back. Milliseconds. */
export const batchTimes = {
  /** A picture leaves the batch this long before its patience ends: time for flex, then standard. */
  BATCH_RESERVE_MS: integer('milliseconds', { min: 1_000, max: 86_400_000, default: 3_600_000 }),
  /** Where less time than this is left for a batch, the picture goes by flex at once. */
  BATCH_LEAST_MS: integer('milliseconds', { min: 1_000, max: 86_400_000, default: 3_600_000 }),
};

type Times = z.infer<z.ZodObject<typeof batchTimes>>;

/** Until when a batch may answer it, epoch milliseconds. */
export const batchEndsAt = ({ since, patienceMs }: AskedLane, { BATCH_RESERVE_MS }: Times): number =>
  since.getTime() + patienceMs - BATCH_RESERVE_MS;

/** Whether the picture is to wait for a batch. One that comes back from a batch goes by another lane. */
export const isForBatch = ({ lane, batch }: ResultDocument, times: Times, nowMs: number): boolean =>
  lane?.asked === 'batch' && batch === undefined && batchEndsAt(lane, times) - nowMs >= times.BATCH_LEAST_MS;

/** What a profile asks of any picture, as a digest. */
export const questionOf = (
  profile: Profile,
  references: readonly Pick<ReferencePicture, 'sha256' | 'caption'>[],
): string => answerKey({ sha256: '' }, profile, references).slice(0, 16);

const HOUR_MS = 3_600_000;

/**
 * Who can share a job: pictures that are asked the same of the same model, and whose time runs out alike (within a factor
 * of two), because a job is given up as a whole.
 */
export function groupOf(
  { model, profile, question }: { model: string; profile: Profile; question: string },
  leftMs: number,
): string {
  const hours = 2 ** Math.floor(Math.log2(Math.max(1, leftMs / HOUR_MS)));
  return `${model} ${profile.name} ${question} ${hours}h`;
}

/** The picture waits for a job; the sweep takes it up at the named time if none has answered it. */
export function joining(
  share: Pick<BatchShare, 'group' | 'question'> & Partial<BatchShare>,
  endsAt: number,
  nowMs: number,
  { BATCH_RESERVE_MS }: Pick<Times, 'BATCH_RESERVE_MS'>,
): Patch {
  const until = new Date(endsAt);
  const failure = new PipelineError(
    'BATCH_WAITING',
    `Waits for a batch job, at the latest until ${until.toISOString()}.`,
  );
  return {
    status: 'parked',
    parked: { until, reason: failure.message },
    failure: failure.toPublic(),
    dueAt: new Date(endsAt + BATCH_RESERVE_MS * GRACE_SHARE),
    batch: { ...share, job: undefined, waitingSince: new Date(nowMs) },
  };
}

/** The function `batch`, which gives up a job in time, goes first; of what is kept back, enough is left for other lanes. */
const GRACE_SHARE = 0.25;

/** Pictures that wait for a job. Throws STORE_UNAVAILABLE. */
export function countWaiting(documents: Documents): Promise<number> {
  const { collection, where } = RESULT_QUERIES.waitingForBatch;
  return documents.count(collection, [{ ...where[0], value: new Date(Date.now()) }]);
}
