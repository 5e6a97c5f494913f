import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { createLog } from '../../shared/base/log.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { takesLoopback } from '../../shared/results/webhooks/address.ts';
import { Debts } from '../../shared/results/webhooks/debts.ts';
import { takeCalls } from './calls.ts';
import { deliverDue, deliverOne, type WebhookDependencies } from './handler.ts';
import { webhookInvariants, webhookVariables } from './options.ts';
import { post } from './post.ts';

const config = loadConfig(webhookVariables, process.env, webhookInvariants);
const log = createLog({ service: 'webhook' });
const limitMs = config.WEBHOOK_ATTEMPT_MS;
const privateHosts = config.WEBHOOK_PRIVATE_HOSTS;
const loopback = takesLoopback(config);

const deps: WebhookDependencies = {
  debts: new Debts(new Documents({ databaseId: config.FIRESTORE_DATABASE })),
  post: (url, headers, body) => post(url, { headers, body, limitMs, privateHosts, loopback }),
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
