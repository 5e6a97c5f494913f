import { z } from 'zod';
import { APPLY, type Finding, ok, unseen, warning } from './finding.ts';
import { configOf, type DeployedFunctions } from './functions.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Names } from './names.ts';
import type { Backend } from './project.ts';

const metricShape = z.looseObject({
  metric: z.string().default(''),
  consumerQuotaLimits: z
    .array(
      z.looseObject({
        unit: z.string().default(''),
        quotaBuckets: z
          .array(
            z.looseObject({
              effectiveLimit: z.coerce.number().optional(),
              dimensions: z.record(z.string(), z.string()).default({}),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

type Metric = z.infer<typeof metricShape>;

/** Seconds that one picture takes unless somebody measured it, as in terraform/modules/pipeline/variables_gemini.tf. */
const SECONDS_PER_PICTURE = 6;
/** Calls vary in length: so much more in flight than the mean says is no mistake. */
const TOLERANCE = 1.5;

/** The model's quota as Google counts it, against what analyze-image was given and what its instances can send. */
export async function examineQuota(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
  backend: Backend,
  models: readonly string[],
): Promise<Finding[]> {
  const config = configOf(functions, 'analyze-image');
  if (!config) return [];
  const told = Number(config.environmentVariables['MODEL_REQUESTS_PER_MINUTE'] ?? 0);
  const concurrency = config.maxInstanceRequestConcurrency;
  const capacity = capacityFindings(names, told, config.maxInstanceCount ?? 0, concurrency);
  return [...capacity, ...(await quotaFindings(api, names, backend, told, models))];
}

/** By Little's law a quota of r requests a minute, each taking s seconds, keeps r * s / 60 of them in flight. */
function capacityFindings(names: Names, told: number, instances: number, concurrency: number): Finding[] {
  const service = names.service('analyze-image');
  if (told === 0) {
    return [
      warning(
        `${service} does not know the model's quota: it learns it from refusals.`,
        `Set gemini.requests_per_minute in terraform/terraform.tfvars, then: ${APPLY}`,
      ),
    ];
  }
  const inFlight = instances * concurrency;
  const allowed = Math.max(1, (told * SECONDS_PER_PICTURE) / 60);
  const sum = `${instances} x ${concurrency} pictures at once, and the quota of ${told} requests a minute`;
  if (inFlight > allowed * TOLERANCE) {
    return [
      warning(
        `${service} takes ${sum} lets ${Math.floor(allowed)} through at ${SECONDS_PER_PICTURE} s each: the others wait and are billed.`,
        `Set gemini.requests_per_minute and seconds_per_picture in terraform/terraform.tfvars, then: ${APPLY}`,
      ),
    ];
  }
  return [
    ok(`${service} takes ${sum} lets ${Math.floor(allowed)} through at ${SECONDS_PER_PICTURE} s each.`),
  ];
}

async function quotaFindings(
  api: GoogleApi,
  names: Names,
  backend: Backend,
  told: number,
  models: readonly string[],
): Promise<Finding[]> {
  const host = backend === 'developer' ? 'generativelanguage.googleapis.com' : 'aiplatform.googleapis.com';
  const looked = await api.list(
    `https://serviceusage.googleapis.com/v1beta1/projects/${names.project}/services/${host}/consumerQuotaMetrics?view=FULL&pageSize=200`,
    'metrics',
    metricShape,
  );
  if (looked.state === 'unseen') return [unseenOf("the model's quota", looked)];
  const metrics = looked.state === 'found' ? looked.value : [];
  const limits = models.flatMap((model) => {
    const limit = requestsPerMinute(metrics, model);
    return limit === undefined ? [] : [{ model, limit }];
  });
  if (limits.length === 0) {
    return [
      unseen(
        "the model's quota",
        'Google lists none of these models.',
        'Compare it with gemini.requests_per_minute at https://aistudio.google.com/usage',
      ),
    ];
  }
  const [smallest] = limits.toSorted((a, b) => a.limit - b.limit);
  if (smallest && told > smallest.limit) {
    return [
      warning(
        `${names.service('analyze-image')} is set to ${told} requests a minute, Google allows ${smallest.limit} for ${smallest.model}.`,
        `Set gemini.requests_per_minute = ${smallest.limit} in terraform/terraform.tfvars, then: ${APPLY}`,
      ),
    ];
  }
  return [
    ok(
      `Google allows ${limits.map(({ model, limit }) => `${limit} requests a minute for ${model}`).join(', ')}.`,
    ),
  ];
}

/** The largest limit of any tier: which tier a project is in is not told. Undefined when none is listed. */
function requestsPerMinute(metrics: readonly Metric[], model: string): number | undefined {
  const limits = metrics
    .filter(({ metric }) => /generate_content.*requests/.test(metric))
    .flatMap(({ consumerQuotaLimits }) => consumerQuotaLimits)
    .filter(({ unit }) => unit.startsWith('1/min'))
    .flatMap(({ quotaBuckets }) => quotaBuckets)
    .filter(({ dimensions }) => (dimensions['model'] ?? dimensions['base_model']) === model)
    // -1 is unlimited.
    .flatMap(({ effectiveLimit }) =>
      effectiveLimit === undefined ? [] : [effectiveLimit < 0 ? Number.POSITIVE_INFINITY : effectiveLimit],
    );
  return limits.length === 0 ? undefined : Math.max(...limits);
}
