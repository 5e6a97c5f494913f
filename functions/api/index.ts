import { resolve } from 'node:path';
import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/config/load.ts';
import { Documents } from '../../shared/firestore/documents.ts';
import { createLog } from '../../shared/log/log.ts';
import { ResultReader } from '../../shared/results/reading.ts';
import { Buckets } from '../../shared/storage/buckets.ts';
import { createApp } from './app.ts';
import { Changes } from './events/changes.ts';
import { allowedHosts, apiVariables } from './options.ts';
import { keepBodiesUnread } from './unbuffered.ts';

// The framework's own error page shows stacks unless this says production.
process.env['NODE_ENV'] ??= 'production';
const config = loadConfig(apiVariables, process.env);
const log = createLog({ service: 'api' });
/** Someone waits for the answer, so Firestore gets less time than in the pipeline, in milliseconds. */
const FIRESTORE_TIMES = { attemptMs: 3_000, overallMs: 6_000 };
const reader = new ResultReader(new Documents({ databaseId: config.FIRESTORE_DATABASE, ...FIRESTORE_TIMES }));

keepBodiesUnread();

http(
  'api',
  createApp({
    buckets: new Buckets(),
    reader,
    changes: new Changes({ reader, log }),
    log,
    status: {
      answeredBy: config.ANSWERED_BY,
      uploadsBucket: config.UPLOADS_BUCKET,
      storageEndpoint: config.STORAGE_EMULATOR_HOST ?? null,
      maxBytes: config.MAX_BYTES,
    },
    webDir: resolve(config.WEB_DIR),
    allowedHosts: allowedHosts(config),
    uploadIdleMs: config.UPLOAD_IDLE_MS,
    heartbeatMs: config.HEARTBEAT_MS,
  }),
);
