import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/config/load.ts';
import { Control } from '../../shared/control/control.ts';
import { deliver } from '../../shared/events/delivery.ts';
import { beforeTheEnd } from '../../shared/events/last-words.ts';
import { Documents } from '../../shared/firestore/documents.ts';
import { ContextCaches } from '../../shared/gemini/context-caches.ts';
import { createLog } from '../../shared/log/log.ts';
import { checkLadders } from '../../shared/prices/ladders.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import { allProfiles, profileNamed } from '../../shared/profiles/registry.ts';
import { Results } from '../../shared/results/results.ts';
import { Buckets } from '../../shared/storage/buckets.ts';
import { doorbell } from '../../shared/webhooks/doorbell.ts';
import { createBackends } from './backends.ts';
import { createFallback } from './fallback.ts';
import { Guard } from './guard.ts';
import { askWithin, guardOptions } from './guard-options.ts';
import { createHandler } from './handler.ts';
import { createMoney } from './money.ts';
import { analyzeInvariants, analyzeVariables } from './options.ts';
import { createRouter } from './routing.ts';

const config = loadConfig(analyzeVariables, process.env, analyzeInvariants);
const log = createLog({ service: 'analyze-image' });

const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });
const control = new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log });
const results = new Results(documents, {
  maxExecutions: config.MAX_EXECUTIONS,
  staleMs: config.STALE_MS,
  retentionDays: config.RESULT_RETENTION_DAYS,
  ended: doorbell(config, log),
});
const referencesOf = loadReferences(allProfiles());
const { book, flush, holdForContext, ...money } = createMoney(documents, results, config, log, referencesOf);
for (const warning of checkLadders(book, allProfiles(), Date.now())) log.warn('price.warning', { warning });

const buckets = new Buckets();
const model = createBackends(config, buckets, {
  restMs: config.REPAIR_PAUSE_MS,
  log,
  withContexts: (api, call) => new ContextCaches(api, documents, book, log, holdForContext).around(call),
});
const guard = new Guard(model.call, control, log, guardOptions(config));

const handle = createHandler({
  buckets,
  openPicture: model.openPicture,
  findStopgap: createFallback(config, log),
  results,
  ...money,
  profileNamed,
  call: createRouter(guard, { explorationShare: config.MODEL_EXPLORATION_PERCENT / 100 }),
  log,
  leaseMs: config.LEASE_MS,
  askWithinMs: askWithin(config),
});

beforeTheEnd(flush);

http('analyze-image', deliver(handle, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
