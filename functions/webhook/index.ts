import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/config/load.ts';
import { Documents } from '../../shared/firestore/documents.ts';
import { createLog } from '../../shared/log/log.ts';
import { Debts } from '../../shared/webhooks/debts.ts';
import { post } from '../../shared/webhooks/post.ts';
import { takeCalls } from './calls.ts';
import { type Dependencies, deliverDue, deliverOne } from './handler.ts';
import { webhookInvariants, webhookVariables } from './options.ts';

const config = loadConfig(webhookVariables, process.env, webhookInvariants);
const log = createLog({ service: 'webhook' });
const limitMs = config.WEBHOOK_ATTEMPT_MS;

const deps: Dependencies = {
  debts: new Debts(new Documents({ databaseId: config.FIRESTORE_DATABASE })),
  post: (url, headers, body) =>
    post(url, { headers, body, limitMs, privateHosts: config.WEBHOOK_PRIVATE_HOSTS }),
  secret: config.WEBHOOK_SECRET,
  log,
  leaseMs: limitMs * 2,
  firstPauseMs: config.WEBHOOK_FIRST_PAUSE_MS,
  maxAttempts: config.WEBHOOK_MAX_ATTEMPTS,
  batch: config.WEBHOOK_BATCH,
  concurrency: config.WEBHOOK_CONCURRENCY,
};

http(
  'webhook',
  takeCalls(
    { one: (id) => deliverOne(deps, id), due: (signal) => deliverDue(deps, signal) },
    { timeoutMs: config.FUNCTION_TIMEOUT_MS, log },
  ),
);
