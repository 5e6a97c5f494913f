import { join } from 'node:path';
import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { accountExternalMemory } from '../../shared/base/framework/external-memory.ts';
import { beforeTheEnd } from '../../shared/base/framework/last-words.ts';
import { createLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { PubSub } from '../../shared/cloud/pubsub.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { AuditLog } from '../../shared/money/audit.ts';
import { BudgetLimits } from '../../shared/money/budgets.ts';
import { Estimator } from '../../shared/money/estimate.ts';
import { limitsOf } from '../../shared/money/options.ts';
import { PriceList } from '../../shared/prices/price-list.ts';
import { allProfiles, profileAsked } from '../../shared/profiles/index.ts';
import { startProfiles } from '../../shared/profiles/options.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import { BatchJobs } from '../../shared/results/batches/jobs.ts';
import { Answers, createRecall } from '../../shared/results/earlier-answers.ts';
import { Control } from '../../shared/results/pauses.ts';
import { Results } from '../../shared/results/results.ts';
import { doorbell } from '../../shared/results/webhooks/doorbell.ts';
import { createDeveloperBatches } from './apis/developer-batches.ts';
import { createVertexBatches } from './apis/vertex-batches.ts';
import { createBatchRun } from './handler.ts';
import { onCall } from './on-call.ts';
import { batchInvariants, batchVariables } from './options.ts';

accountExternalMemory();

const config = loadConfig(batchVariables, process.env, batchInvariants);
const log = createLog({ service: 'batch' });
const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });
const buckets = new Buckets();
const ended = doorbell(config, log);
const results = new Results(documents, {
  maxExecutions: config.MAX_EXECUTIONS,
  retentionDays: config.RESULT_RETENTION_DAYS,
  ended,
});
startProfiles(documents, config, log, { withPictures: true });
const folder = config.PROFILES_FOLDER;
const referencesOf = loadReferences(
  allProfiles(),
  folder === undefined ? undefined : join(folder, 'references'),
);
const prices = new PriceList();
const audit = new AuditLog(documents, config, log);
const pubsub = new PubSub({
  projectId: config.GOOGLE_CLOUD_PROJECT,
  ...(config.PUBSUB_EMULATOR_HOST === undefined ? {} : { emulatorHost: config.PUBSUB_EMULATOR_HOST }),
});

const { GEMINI_BASE_URL: geminiUrl, VERTEX_BASE_URL: vertexUrl } = config;
const api =
  config.GEMINI_BACKEND === 'vertex'
    ? createVertexBatches({
        project: config.GOOGLE_CLOUD_PROJECT,
        location: config.GEMINI_LOCATION,
        bucket: config.PREPARED_BUCKET,
        buckets,
        ...(vertexUrl === undefined ? {} : { baseUrl: vertexUrl }),
      })
    : createDeveloperBatches({
        apiKey: config.GEMINI_API_KEY ?? '',
        storeRequests: config.GEMINI_STORE_REQUESTS,
        ...(geminiUrl === undefined ? {} : { baseUrl: geminiUrl }),
      });

/** The rest of a run's time is for what is under way. */
const SHARE_OF_TIME = 0.7;

const run = createBatchRun(
  {
    ...{ api, documents, results, buckets, referencesOf, prices, audit, ended, log },
    jobs: new BatchJobs(documents, { leaseMs: config.BATCH_LEASE_MS }),
    control: new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log }),
    profileAsked,
    recall: createRecall(new Answers(documents, results), { waitMs: 0, referencesOf, documents }),
    estimator: new Estimator(prices),
    limits: new BudgetLimits(documents, limitsOf(config), { cacheMs: config.CONTROL_CACHE_MS, log }),
    publish: (topic, message) => pubsub.publish(topic, message),
    options: {
      preparedTopic: config.PREPARED_TOPIC,
      enoughPictures: config.BATCH_PICTURES,
      collectMs: config.BATCH_COLLECT_MS,
      maxPictures: config.BATCH_MAX_PICTURES,
      maxBytes: config.BATCH_MAX_BYTES,
      maxTokens: config.BATCH_MAX_TOKENS,
      maxJobs: config.BATCH_MAX_JOBS,
      leaseMs: config.BATCH_LEASE_MS,
      pollMs: config.BATCH_POLL_MS,
      createSettleMs: config.BATCH_CREATE_SETTLE_MS,
      cancelGraceMs: config.BATCH_CANCEL_GRACE_MS,
      staleMs: config.STALE_MS,
      repairMs: config.REPAIR_PAUSE_MS,
      times: config,
    },
  },
  config.FUNCTION_TIMEOUT_MS * SHARE_OF_TIME,
);

beforeTheEnd(() => audit.flush());

http('batch', onCall(run, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
