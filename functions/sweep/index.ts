import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { accountExternalMemory } from '../../shared/base/framework/external-memory.ts';
import { createLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { PubSub } from '../../shared/cloud/pubsub.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { reclaimExpired } from '../../shared/money/budget-document.ts';
import { dayOf } from '../../shared/prices/units.ts';
import { Control } from '../../shared/results/pauses.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { createSweep } from './handler.ts';
import { sweepInvariants, sweepVariables } from './options.ts';
import { onSchedule } from './schedule.ts';

accountExternalMemory();

const config = loadConfig(sweepVariables, process.env, sweepInvariants);
const log = createLog({ service: 'sweep' });
const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });
const pubsub = new PubSub({
  projectId: config.GOOGLE_CLOUD_PROJECT,
  ...(config.PUBSUB_EMULATOR_HOST === undefined ? {} : { emulatorHost: config.PUBSUB_EMULATOR_HOST }),
});

const sweep = createSweep({
  buckets: new Buckets(),
  recovery: new Recovery(documents, { staleMs: config.STALE_MS }),
  control: new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log }),
  publish: (topic, message) => pubsub.publish(topic, message),
  topics: { uploads: config.UPLOADS_TOPIC, prepared: config.PREPARED_TOPIC },
  reclaimBudgets: () => reclaimExpired(documents, dayOf(Date.now()), Date.now()),
  log,
  staleMs: config.STALE_MS,
  limit: config.SWEEP_LIMIT,
  concurrency: config.SWEEP_CONCURRENCY,
  timeLimitMs: config.FUNCTION_TIMEOUT_MS * 0.8,
  runaway: {
    ratio: config.RUNAWAY_RATIO,
    windowMs: config.RUNAWAY_WINDOW_MS,
    sample: config.RUNAWAY_SAMPLE,
    pauseMs: config.RUNAWAY_PAUSE_MS,
  },
});

http('sweep', onSchedule(sweep, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
