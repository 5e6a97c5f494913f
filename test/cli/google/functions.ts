import { email, NUMBER, PROJECT, REGION } from './addresses.ts';

export const FUNCTIONS = {
  'resize-image': { timeout: 120, memory: '2048Mi', cpu: '2', concurrency: 4, instances: 10 },
  'analyze-image': { timeout: 180, memory: '1024Mi', cpu: '1', concurrency: 15, instances: 2 },
  api: { timeout: 300, memory: '512Mi', cpu: '1', concurrency: 40, instances: 4 },
  sweep: { timeout: 240, memory: '512Mi', cpu: '1', concurrency: 1, instances: 1 },
  'budget-alert': { timeout: 60, memory: '512Mi', cpu: '1', concurrency: 1, instances: 1 },
  batch: { timeout: 540, memory: '512Mi', cpu: '1', concurrency: 1, instances: 1 },
  webhook: { timeout: 120, memory: '512Mi', cpu: '1', concurrency: 20, instances: 2 },
} as const;

export type Fn = keyof typeof FUNCTIONS;

const PLATFORM = {
  GOOGLE_CLOUD_PROJECT: PROJECT,
  LOG_EXECUTION_ID: 'true',
  MALLOC_ARENA_MAX: '2',
  NODE_ENV: 'production',
  FIRESTORE_DATABASE: 'pictures-results',
};

/** As terraform/modules/pipeline/environment.tf sets them by default. */
const VARIABLES: Record<Fn, Record<string, string>> = {
  'resize-image': {
    MAX_EXECUTIONS: '12',
    RESULT_RETENTION_DAYS: '0',
    FUNCTION_TIMEOUT_MS: '115000',
    LEASE_MS: '135000',
    UPLOADS_BUCKET: `${PROJECT}-pictures-uploads`,
    PREPARED_BUCKET: `${PROJECT}-pictures-prepared`,
    MAX_BYTES: '50000000',
    MAX_PIXELS: '100000000',
    MAX_PIXELS_IN_FLIGHT: '50000000',
    DELETE_WITH_UPLOAD: 'true',
    RESIZE_TIME_LIMIT_MS: '60000',
    FALLBACK: 'none',
  },
  'analyze-image': {
    MAX_EXECUTIONS: '12',
    RESULT_RETENTION_DAYS: '0',
    FUNCTION_TIMEOUT_MS: '175000',
    LEASE_MS: '195000',
    MODEL_ATTEMPT_MS: '30000',
    MODEL_MAX_ATTEMPTS: '5',
    MODEL_OVERALL_MS: '165000',
    MODEL_EXPLORATION_PERCENT: '5',
    REPAIR_PAUSE_MS: '900000',
    GEMINI_BACKEND: 'developer',
    GEMINI_LOCATION: 'global',
    VERTEX_FAILOVER: 'false',
    FALLBACK: 'none',
    MODEL_REQUESTS_PER_MINUTE: '300',
    MODEL_TOKENS_PER_MINUTE: '1000000',
    MAX_INSTANCES: '2',
    MODEL_MAX_CONCURRENCY: '15',
  },
  api: {
    UPLOADS_BUCKET: `${PROJECT}-pictures-uploads`,
    PREPARED_BUCKET: `${PROJECT}-pictures-prepared`,
    LABEL_RETENTION_DAYS: '0',
    MAX_BYTES: '50000000',
    WEB_DIR: 'web',
    RATE_PER_SECOND: '50',
    RATE_BURST: '500',
    MAX_UPLOADS: '64',
    FIGURES_CACHE_MS: '15000',
  },
  sweep: {
    MAX_EXECUTIONS: '12',
    RESULT_RETENTION_DAYS: '0',
    FUNCTION_TIMEOUT_MS: '200000',
    UPLOADS_TOPIC: 'pictures-uploads',
    PREPARED_TOPIC: 'pictures-prepared',
    SWEEP_LIMIT: '2000',
    RUNAWAY_RATIO: '6',
    RUNAWAY_PAUSE_MS: '86400000',
  },
  'budget-alert': {},
  batch: {
    MAX_EXECUTIONS: '12',
    RESULT_RETENTION_DAYS: '0',
    FUNCTION_TIMEOUT_MS: '530000',
    PREPARED_BUCKET: `${PROJECT}-pictures-prepared`,
    PREPARED_TOPIC: 'pictures-prepared',
    BATCH_PICTURES: '500',
    GEMINI_BACKEND: 'developer',
    GEMINI_LOCATION: 'global',
    VERTEX_FAILOVER: 'false',
  },
  webhook: {
    FUNCTION_TIMEOUT_MS: '115000',
    WEBHOOK_ATTEMPT_MS: '10000',
    WEBHOOK_FIRST_PAUSE_MS: '60000',
    WEBHOOK_MAX_ATTEMPTS: '14',
  },
};

const SECRETS = [
  { fn: 'analyze-image', key: 'GEMINI_API_KEY', secret: 'pictures-gemini-api-key' },
  { fn: 'batch', key: 'GEMINI_API_KEY', secret: 'pictures-gemini-api-key' },
  { fn: 'webhook', key: 'WEBHOOK_SECRET', secret: 'pictures-webhook' },
];

export const uriOf = (fn: string): string => `https://pictures-${fn}-abcdefghij-ew.a.run.app`;

/** As Cloud Functions shows it. */
export const deployedFunction = (fn: Fn) => {
  const { timeout, memory, cpu, concurrency, instances } = FUNCTIONS[fn];
  return {
    name: `projects/${PROJECT}/locations/${REGION}/functions/pictures-${fn}`,
    buildConfig: {
      build: `projects/${NUMBER}/locations/${REGION}/builds/b-1`,
      runtime: 'nodejs24',
      entryPoint: fn,
      source: { storageSource: { bucket: `${PROJECT}-pictures-source`, object: `${fn}/0f.zip` } },
      dockerRegistry: 'ARTIFACT_REGISTRY',
      serviceAccount: `projects/${PROJECT}/serviceAccounts/${email('pictures-build')}`,
    },
    serviceConfig: {
      service: `projects/${PROJECT}/locations/${REGION}/services/pictures-${fn}`,
      timeoutSeconds: timeout,
      availableMemory: memory,
      availableCpu: cpu,
      maxInstanceCount: instances,
      maxInstanceRequestConcurrency: concurrency,
      serviceAccountEmail: email(`pictures-${fn}`),
      ingressSettings: fn === 'api' ? 'ALLOW_ALL' : 'ALLOW_INTERNAL_ONLY',
      allTrafficOnLatestRevision: true,
      environmentVariables: { ...PLATFORM, ...VARIABLES[fn] },
      secretEnvironmentVariables: SECRETS.filter((secret) => secret.fn === fn).map(({ key, secret }) => ({
        key,
        projectId: PROJECT,
        secret,
        version: '1',
      })),
      uri: uriOf(fn),
      revision: `pictures-${fn}-00003-abc`,
    },
    state: 'ACTIVE',
    environment: 'GEN_2',
    updateTime: '2026-11-19T10:00:00.123456789Z',
    labels: { application: 'gemini-image-pipeline' },
    url: `https://${REGION}-${PROJECT}.cloudfunctions.net/pictures-${fn}`,
  };
};
