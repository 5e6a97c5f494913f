import { resolve } from 'node:path';
import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { accountExternalMemory } from '../../shared/base/framework/external-memory.ts';
import { keepBodiesUnread } from '../../shared/base/framework/unread-bodies.ts';
import { createLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { PubSub } from '../../shared/cloud/pubsub.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { startProfiles } from '../../shared/profiles/options.ts';
import { Control } from '../../shared/results/pauses.ts';
import { ResultReader } from '../../shared/results/reading.ts';
import { Recovery } from '../../shared/results/recovery/recovery.ts';
import { takesLoopback } from '../../shared/results/webhooks/address.ts';
import { createApp } from './app.ts';
import { Changes } from './events/changes.ts';
import { createHandlers } from './handlers.ts';
import { TokenBuckets } from './http/token-buckets.ts';
import { allowedHosts, apiVariables } from './options.ts';

// The framework's own error page shows stacks unless this says production.
process.env['NODE_ENV'] ??= 'production';
accountExternalMemory();

const config = loadConfig(apiVariables, process.env);
const log = createLog({ service: 'api' });
const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });
startProfiles(documents, config, log);
const reader = new ResultReader(documents);
const pubsub = new PubSub({
  projectId: config.GOOGLE_CLOUD_PROJECT,
  ...(config.PUBSUB_EMULATOR_HOST === undefined ? {} : { emulatorHost: config.PUBSUB_EMULATOR_HOST }),
});

keepBodiesUnread();

const inCloud = config.K_SERVICE !== undefined;
const loopback = takesLoopback(config);

const handlers = createHandlers({
  buckets: new Buckets(),
  documents,
  reader,
  recovery: new Recovery(documents, { staleMs: config.STALE_MS }),
  changes: new Changes({ reader, log }),
  control: new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log }),
  pubsub,
  publish: (topic, message) => pubsub.publish(topic, message),
  preparedBucket: config.PREPARED_BUCKET,
  labelDays: config.LABEL_RETENTION_DAYS,
  topics: { uploads: config.UPLOADS_TOPIC, prepared: config.PREPARED_TOPIC },
  log,
  loopback,
  status: {
    answeredBy: config.ANSWERED_BY,
    uploadsBucket: config.UPLOADS_BUCKET,
    storageEndpoint: config.STORAGE_EMULATOR_HOST ?? null,
    maxBytes: config.MAX_BYTES,
  },
  visibility: {
    visibility: config.API_VISIBILITY,
    operators: config.API_OPERATORS,
    delegates: config.DELEGATES,
  },
  // The one user of a person's machine shares it with nobody.
  greatestShare: inCloud ? 0.5 : 1,
  maxUploads: config.MAX_UPLOADS,
  uploadIdleMs: config.UPLOAD_IDLE_MS,
  heartbeatMs: config.HEARTBEAT_MS,
  maxListeners: config.MAX_LISTENERS,
  maxWaiters: config.MAX_WAITERS,
  figuresCacheMs: config.FIGURES_CACHE_MS,
  sample: config.STATS_SAMPLE,
});

http(
  'api',
  createApp(handlers, {
    maxBytes: config.MAX_BYTES,
    log,
    webDir: resolve(config.WEB_DIR),
    allowedHosts: allowedHosts(config),
    allowedOrigins: config.ALLOWED_ORIGINS,
    inCloud,
    loopback,
    rate: new TokenBuckets({ burst: config.RATE_BURST, perSecond: config.RATE_PER_SECOND }),
  }),
);
