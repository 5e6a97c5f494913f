import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import type { GeminiSimulator } from '../../local/gemini/server.ts';
import type { PubSubMessage } from '../../local/pubsub/message.ts';

/** What a minute of the model lasts in a run, in minutes: latencies, quota windows, outages and requested waits shrink alike. */
export const TIME_SCALE = 0.02;

/** A picture leaves the batch this long before its patience ends, for flex and standard. Milliseconds. */
const RESERVE_MS = 40_000;

/**
 * The functions' times, shrunk so that a lease does not outlast the run, but not the distance between the model's
 * patience and the function's limit: a busy machine would end answered images before they are stored. Milliseconds.
 */
const ENV = {
  FUNCTION_TIMEOUT_MS: '12000',
  LEASE_MS: '13000',
  RESIZE_TIME_LIMIT_MS: '4000',
  MODEL_OVERALL_MS: '5000',
  MODEL_ATTEMPT_MS: '1500',
  MODEL_BACKOFF_MS: '20',
  MODEL_MAX_BACKOFF_MS: '400',
  MODEL_REST_MS: '100',
  MODEL_MAX_REST_MS: '1500',
  REPAIR_PAUSE_MS: '2000',
  CONTROL_CACHE_MS: '300',
  STALE_MS: '8000',
  RUNAWAY_WINDOW_MS: '60000',
  // Far more than a run costs: what is reserved and given back is seen, and stops nothing.
  DAILY_BUDGET_USD: '1000',
  ...{ FLEX_ATTEMPT_MS: '4000', FLEX_OVERALL_MS: '7000', FLEX_BACKOFF_MS: '100' },
  ...{ FLEX_TIMEOUT_MS: '14000', FLEX_RETURN_MS: '4000' },
  ...{ BATCH_RESERVE_MS: String(RESERVE_MS), BATCH_LEAST_MS: '6000' },
  ...{ BATCH_RING_PICTURES: '20' },
};

const BATCH_ENV = {
  FUNCTION_TIMEOUT_MS: '20000',
  ...{ BATCH_LEASE_MS: '4000', BATCH_COLLECT_MS: '3000', BATCH_POLL_MS: '1000' },
  ...{ BATCH_PICTURES: '40', BATCH_MAX_PICTURES: '60' },
  ...{ BATCH_CREATE_SETTLE_MS: '3000', BATCH_CANCEL_GRACE_MS: '5000' },
};

const TIMES = { ackDeadlineMs: 17_000, minBackoffMs: 100, maxBackoffMs: 4_000 };
const SWEEP_EVERY_MS = 2_000;
const BATCHES_EVERY_MS = 1_000;

export const FUNCTIONS = ['resize-image', 'analyze-image', 'batch', 'sweep'] as const;

export const startChaosCloud = (
  dataDir: string,
  model: GeminiSimulator,
  options: {
    keepNotification: (topic: string, message: PubSubMessage) => boolean;
    onLog: (name: string, line: string) => void;
  },
): Promise<LocalCloud> =>
  startLocalCloud({
    dataDir,
    functions: [...FUNCTIONS],
    model: { kind: 'running', url: model.url },
    times: TIMES,
    sweepEveryMs: SWEEP_EVERY_MS,
    batchEveryMs: BATCHES_EVERY_MS,
    env: ENV,
    functionEnv: { batch: BATCH_ENV },
    ...options,
  });
