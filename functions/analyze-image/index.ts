import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/config/load.ts';
import { Control } from '../../shared/control/control.ts';
import { deliver } from '../../shared/events/delivery.ts';
import { Documents } from '../../shared/firestore/documents.ts';
import { createDeveloperApi } from '../../shared/gemini/developer-api.ts';
import { createLog } from '../../shared/log/log.ts';
import { profileNamed } from '../../shared/profiles/registry.ts';
import { Results } from '../../shared/results/results.ts';
import { Buckets } from '../../shared/storage/buckets.ts';
import { Guard } from './guard.ts';
import { guardOptions } from './guard-options.ts';
import { createHandler } from './handler.ts';
import { analyzeInvariants, analyzeVariables } from './options.ts';
import { createRouter } from './routing.ts';

const config = loadConfig(analyzeVariables, process.env, analyzeInvariants);
const log = createLog({ service: 'analyze-image' });

const model = createDeveloperApi({
  apiKey: config.GEMINI_API_KEY,
  ...(config.GEMINI_BASE_URL === undefined ? {} : { baseUrl: config.GEMINI_BASE_URL }),
});

const documents = new Documents({ databaseId: config.FIRESTORE_DATABASE });
const control = new Control(documents, { cacheMs: config.CONTROL_CACHE_MS, log });
const guard = new Guard(model, control, log, guardOptions(config));

const handle = createHandler({
  buckets: new Buckets(),
  results: new Results(documents, {
    maxExecutions: config.MAX_EXECUTIONS,
    staleMs: config.STALE_MS,
    retentionDays: config.RESULT_RETENTION_DAYS,
  }),
  profileNamed,
  call: createRouter(guard, { explorationShare: config.MODEL_EXPLORATION_PERCENT / 100 }),
  log,
  leaseMs: config.LEASE_MS,
});

http('analyze-image', deliver(handle, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
