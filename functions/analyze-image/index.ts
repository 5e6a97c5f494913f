import { http } from '@google-cloud/functions-framework';
import { loadConfig } from '../../shared/config/load.ts';
import { deliver } from '../../shared/events/delivery.ts';
import { Documents } from '../../shared/firestore/documents.ts';
import { createDeveloperApi } from '../../shared/gemini/developer-api.ts';
import { createLog } from '../../shared/log/log.ts';
import { profileNamed } from '../../shared/profiles/registry.ts';
import { Results } from '../../shared/results/results.ts';
import { Buckets } from '../../shared/storage/buckets.ts';
import { guarded } from './guard.ts';
import { createHandler } from './handler.ts';
import { analyzeInvariants, analyzeVariables } from './options.ts';

const config = loadConfig(analyzeVariables, process.env, analyzeInvariants);
const log = createLog({ service: 'analyze-image' });

const model = createDeveloperApi({
  apiKey: config.GEMINI_API_KEY,
  ...(config.GEMINI_BASE_URL === undefined ? {} : { baseUrl: config.GEMINI_BASE_URL }),
});

const handle = createHandler({
  buckets: new Buckets(),
  results: new Results(new Documents({ databaseId: config.FIRESTORE_DATABASE }), {
    maxExecutions: config.MAX_EXECUTIONS,
    retentionDays: config.RESULT_RETENTION_DAYS,
  }),
  profileNamed,
  call: guarded(model, {
    maxAttempts: config.MODEL_MAX_ATTEMPTS,
    attemptMs: config.MODEL_ATTEMPT_MS,
    overallMs: config.MODEL_OVERALL_MS,
    baseMs: config.MODEL_BACKOFF_MS,
    maxMs: config.MODEL_MAX_BACKOFF_MS,
  }),
  log,
  leaseMs: config.LEASE_MS,
});

http('analyze-image', deliver(handle, { timeoutMs: config.FUNCTION_TIMEOUT_MS, log }));
