import type { Log } from '../../shared/base/log.ts';
import type { Documents } from '../../shared/cloud/firestore/documents.ts';
import type { Message } from '../../shared/cloud/pubsub.ts';
import type { Buckets } from '../../shared/cloud/storage/buckets.ts';
import type { AuditLog } from '../../shared/money/audit.ts';
import type { BudgetLimits } from '../../shared/money/budgets.ts';
import type { Estimator } from '../../shared/money/estimate.ts';
import type { PriceList } from '../../shared/prices/price-list.ts';
import type { Profile } from '../../shared/profiles/define.ts';
import type { ReferencesOf } from '../../shared/profiles/references.ts';
import type { BatchJobs } from '../../shared/results/batches/jobs.ts';
import type { createRecall } from '../../shared/results/earlier-answers.ts';
import type { Control } from '../../shared/results/pauses.ts';
import type { Results } from '../../shared/results/results.ts';
import type { BatchApi } from './apis/batch-api.ts';

/** What a run works with. Times in milliseconds. */
export interface BatchDependencies {
  api: BatchApi;
  jobs: BatchJobs;
  documents: Documents;
  results: Results;
  buckets: Pick<Buckets, 'find' | 'readOnlyVersion'>;
  control: Pick<Control, 'pauseOf' | 'pause'>;
  profileAsked: (name: string, version: number, isAskedAnew: boolean) => Promise<Profile | undefined>;
  referencesOf: ReferencesOf;
  recall: ReturnType<typeof createRecall>;
  prices: PriceList;
  estimator: Estimator;
  limits: BudgetLimits;
  audit: Pick<AuditLog, 'record'>;
  /** Told of a picture with a webhook that has ended. */
  ended: (id: string) => Promise<void>;
  publish: (topic: string, message: Message) => Promise<void>;
  log: Log;
  options: BatchOptions;
}

interface BatchOptions {
  preparedTopic: string;
  /** A job is begun as soon as this many pictures wait, or one for this long. */
  enoughPictures: number;
  collectMs: number;
  /** What one job may hold. */
  maxPictures: number;
  maxBytes: number;
  /** Tokens of a model in all jobs under way. */
  maxTokens: number;
  maxJobs: number;
  leaseMs: number;
  pollMs: number;
  /** After this long a creation whose answer was lost has been done, or never will be. */
  createSettleMs: number;
  /** A cancelled job that does not end counts as lost after this time. */
  cancelGraceMs: number;
  /** Pictures are prepared again by the sweep after this long. */
  staleMs: number;
  repairMs: number;
  times: { BATCH_RESERVE_MS: number; BATCH_LEAST_MS: number };
}

/** Google gives a job up after 48 hours, answers and all (https://ai.google.dev/gemini-api/docs/batch-api). */
export const LONGEST_MS = 47 * 3_600_000;
