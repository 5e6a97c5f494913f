import {
  account,
  at,
  BILLING,
  DATABASE,
  email,
  NUMBER,
  PROJECT,
  PUBSUB,
  REGION,
  roles,
} from './addresses.ts';
import { databaseAnswers } from './database.ts';
import { eventAnswers } from './events.ts';
import { deployedFunction, type Fn, FUNCTIONS, uriOf } from './functions.ts';
import type { Answers } from './server.ts';

type Deployed = ReturnType<typeof deployedFunction>;

const APIS = [
  'artifactregistry',
  'billingbudgets',
  'cloudbuild',
  'cloudfunctions',
  'cloudresourcemanager',
  'cloudscheduler',
  'firebaserules',
  'firestore',
  'generativelanguage',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'pubsub',
  'run',
  'secretmanager',
  'storage',
];

/** What Google's REST APIs answer for a deployment with nothing wrong. */
export async function healthyDeployment({ webhooks = false } = {}): Promise<Answers> {
  const deployed = (Object.keys(FUNCTIONS) as Fn[]).filter((fn) => webhooks || fn !== 'webhook');
  const found: Record<string, unknown> = {
    ...eventAnswers(),
    ...(await databaseAnswers()),
    [at.project]: {
      name: `projects/${NUMBER}`,
      projectId: PROJECT,
      state: 'ACTIVE',
      displayName: 'My project',
    },
    [at.projectRoles]: {
      ...roles({
        'roles/logging.logWriter': [account('pictures-build')],
        'roles/owner': ['user:ana@example.com'],
        'roles/pubsub.serviceAgent': [PUBSUB],
      }),
      ...{ version: 3 },
    },
    [at.apis]: {
      services: APIS.map((name) => ({
        name: `projects/${NUMBER}/services/${name}.googleapis.com`,
        config: { name: `${name}.googleapis.com` },
        state: 'ENABLED',
        parent: `projects/${NUMBER}`,
      })),
    },
    [at.repository]: {
      name: `projects/${PROJECT}/locations/${REGION}/repositories/pictures-functions`,
      format: 'DOCKER',
    },
    [`${at.repository}:getIamPolicy`]: roles({
      'roles/artifactregistry.writer': [account('pictures-build')],
    }),
    ...secretAnswers('pictures-gemini-api-key', 'analyze-image', 'batch'),
    [at.job]: job('sweep', '*/5 * * * *'),
    [at.jobOf('batch')]: job('batch', '*/5 * * * *'),
    [at.series]: {},
    [at.channels]: {
      notificationChannels: [
        { name: `projects/${PROJECT}/notificationChannels/1`, type: 'email', enabled: true },
      ],
    },
    [at.alerts]: {
      alertPolicies: [
        {
          name: `projects/${PROJECT}/alertPolicies/2`,
          displayName: 'pictures: messages could not be delivered',
          enabled: true,
          notificationChannels: [`projects/${PROJECT}/notificationChannels/1`],
        },
      ],
    },
    [at.quota]: {
      metrics: [
        {
          metric: 'generativelanguage.googleapis.com/generate_content_paid_tier_requests',
          consumerQuotaLimits: [
            {
              unit: '1/min/{project}/{model}',
              quotaBuckets: ['gemini-3.5-flash-lite', 'gemini-3.8-flash'].map((model) => ({
                effectiveLimit: '1000',
                defaultLimit: '1000',
                dimensions: { model },
              })),
            },
          ],
        },
      ],
    },
    [at.budgets]: {
      budgets: [
        {
          name: `billingAccounts/${BILLING}/budgets/b1`,
          displayName: `pictures in ${PROJECT}`,
          budgetFilter: { projects: [`projects/${NUMBER}`], calendarPeriod: 'MONTH' },
          amount: { specifiedAmount: { currencyCode: 'USD', units: '100' } },
          thresholdRules: [
            { thresholdPercent: 0.5, spendBasis: 'CURRENT_SPEND' },
            { thresholdPercent: 0.9, spendBasis: 'CURRENT_SPEND' },
            { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
          ],
          notificationsRule: { pubsubTopic: `projects/${PROJECT}/topics/pictures-budget` },
        },
      ],
    },
  };
  for (const fn of deployed) {
    found[at.function(fn)] = deployedFunction(fn);
    found[at.service(fn)] = {
      name: `projects/${PROJECT}/locations/${REGION}/services/pictures-${fn}`,
      ingress: 'INGRESS_TRAFFIC_INTERNAL_ONLY',
      terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED' },
    };
    found[`${at.service(fn)}:getIamPolicy`] = roles({ 'roles/run.invoker': callersOf(fn) });
    bindDatabase(found[at.projectRoles] as { bindings: unknown[] }, fn);
  }
  if (webhooks) {
    Object.assign(found, secretAnswers('pictures-webhook', 'webhook'));
    found[at.jobOf('webhook')] = job('webhook', '* * * * *');
    for (const fn of ['resize-image', 'analyze-image', 'batch'] as const)
      Object.assign((found[at.function(fn)] as Deployed).serviceConfig.environmentVariables, {
        WEBHOOKS_TOPIC: 'pictures-webhooks',
      });
  } else
    for (const address of Object.keys(found)) if (/pictures-webhook/.test(address)) delete found[address];
  for (const id of ['gemini-3.5-flash-lite', 'gemini-3.8-flash']) {
    found[at.model(id)] = { name: `models/${id}`, supportedGenerationMethods: ['generateContent'] };
  }
  return new Map(Object.entries(found).map(([address, body]) => [address, { status: 200, body }]));
}

const secretAnswers = (secret: string, ...fns: Fn[]): Record<string, unknown> => ({
  [`${at.secretOf(secret)}/versions/1`]: {
    name: `projects/${NUMBER}/secrets/${secret}/versions/1`,
    state: 'ENABLED',
  },
  [`${at.secretOf(secret)}:getIamPolicy`]: roles({
    'roles/secretmanager.secretAccessor': fns.map((fn) => account(`pictures-${fn}`)),
  }),
});

const job = (fn: Fn, schedule: string) => ({
  name: `projects/${PROJECT}/locations/${REGION}/jobs/pictures-${fn}`,
  schedule,
  timeZone: 'Etc/UTC',
  state: 'ENABLED',
  status: {},
  lastAttemptTime: '2026-11-20T11:55:00.123456Z',
  httpTarget: {
    uri: uriOf(fn),
    httpMethod: 'POST',
    oidcToken: { serviceAccountEmail: email('pictures-schedule'), audience: uriOf(fn) },
  },
  attemptDeadline: '270s',
});

const callersOf = (fn: Fn): string[] => {
  const push = account(`pictures-${fn}-push`);
  const schedule = account('pictures-schedule');
  switch (fn) {
    case 'api':
      return ['group:shelf-team@example.com'];
    case 'sweep':
      return [schedule];
    case 'webhook':
    case 'batch':
      return [push, schedule];
    default:
      return [push];
  }
};

const bindDatabase = ({ bindings }: { bindings: unknown[] }, fn: Fn): void => {
  bindings.push({
    role: 'roles/datastore.user',
    members: [account(`pictures-${fn}`)],
    condition: { title: 'only_pictures_results', expression: `resource.name == "${DATABASE}"` },
  });
};
