import { join } from 'node:path';
import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/base/config.ts';
import { accountExternalMemory } from '../../shared/base/framework/external-memory.ts';
import { beforeTheEnd } from '../../shared/base/framework/last-words.ts';
import { runWithoutDomains } from '../../shared/base/framework/no-domains.ts';
import { createLog } from '../../shared/base/log.ts';
import { deliver } from '../../shared/cloud/events/delivery.ts';
import { Documents } from '../../shared/cloud/firestore/documents.ts';
import { Buckets } from '../../shared/cloud/storage/buckets.ts';
import { createLanes } from '../../shared/model/ask-by-lane.ts';
import { ContextCaches } from '../../shared/model/context-cache/caches.ts';
import { ModelGate } from '../../shared/model/gate/call-path.ts';
import { ModelQuotas } from '../../shared/model/gate/gated-model.ts';
import { askWithin, gateOptions, leastCallMs } from '../../shared/model/gate/options.ts';
import { createRouter } from '../../shared/model/gate/routing.ts';
import { createBackends, refuseDecisions, refuseRegionalLanes } from '../../shared/model/gemini/backends.ts';
import { createMoney } from '../../shared/money/index.ts';
import { checkLadders } from '../../shared/profiles/check-ladders.ts';
import { allProfiles, profileAsked } from '../../shared/profiles/index.ts';
import { startProfiles } from '../../shared/profiles/options.ts';
import { loadReferences } from '../../shared/profiles/references.ts';
import { questionOf } from '../../shared/results/batches/waiting.ts';
import { Control } from '../../shared/results/pauses.ts';
import { Results } from '../../shared/results/results.ts';
import { doorbell } from '../../shared/results/webhooks/doorbell.ts';
import { createFallback } from './fallback.ts';
import { createLimits, flexGateOptions } from './flex.ts';
import { createAnalyze } from './handler.ts';
import { analyzeInvariants, analyzeVariables } from './options.ts';
import { createGate } from './suitable.ts';
import { createToBatch } from './to-batch.ts';

runWithoutDomains();
accountExternalMemory();

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
startProfiles(documents, config, log, { withPictures: true });
const referencesOf = loadReferences(
  allProfiles(),
  config.PROFILES_FOLDER === undefined ? undefined : join(config.PROFILES_FOLDER, 'references'),
);
const { prices, flush, reserveForCache, ...money } = createMoney(
  documents,
  results,
  config,
  log,
  referencesOf,
);
for (const warning of checkLadders(prices, allProfiles(), Date.now())) log.warn('price.warning', { warning });

refuseRegionalLanes(config, allProfiles());
const undecided = refuseDecisions(config, allProfiles());
if (undecided.length > 0) log.warn('decisions.not-there', { profiles: undecided });

const buckets = new Buckets();
const model = createBackends(config, buckets, {
  restMs: config.REPAIR_PAUSE_MS,
  log,
  withContexts: (api, call) => new ContextCaches(api, documents, prices, log, reserveForCache).around(call),
});
const standard = gateOptions(config);
const quotas = new ModelQuotas(standard);
const guard = new ModelGate(model.call, control, log, standard, quotas);
const flexOptions = flexGateOptions(config, standard);
const flexGuard = new ModelGate(model.call, control, log, flexOptions, quotas);
const routing = { explorationShare: config.MODEL_EXPLORATION_PERCENT / 100 };
const call = createRouter(guard, routing);

const handle = createAnalyze({
  openPicture: model.openPicture,
  findStopgap: createFallback(config, log),
  results,
  ...money,
  profileAsked,
  call,
  refuseUnsuitable: createGate(
    model.decides ? (request, signal) => guard.ask(request, signal, 'move-on') : undefined,
    log,
  ),
  decides: model.decides,
  toBatch: createToBatch(config, { profileAsked, referencesOf, log }),
  isStillAsked: (question, profile) => question === questionOf(profile, referencesOf(profile)),
  callBy: createLanes(call, createRouter(flexGuard, routing), {
    reserveMs: config.MODEL_OVERALL_MS,
    returnMs: config.FLEX_RETURN_MS,
    overallMs: config.FLEX_OVERALL_MS,
    leastMs: leastCallMs(flexOptions),
  }),
  log,
  limitsOf: createLimits(config),
  askWithinMs: askWithin(config),
});

beforeTheEnd(flush);

http('analyze-image', deliver(handle, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
