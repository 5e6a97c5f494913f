import { z } from 'zod';
import { APPLY, broken, error, type Finding, type Rule, warning } from './finding.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import { FUNCTIONS, type FunctionName, type Names } from './names.ts';

const functionShape = z.looseObject({
  state: z.string().default('UNKNOWN'),
  stateMessages: z.array(z.looseObject({ message: z.string().default('') })).default([]),
  buildConfig: z
    .looseObject({ runtime: z.string().default(''), serviceAccount: z.string().optional() })
    .default({ runtime: '' }),
  serviceConfig: z
    .looseObject({
      timeoutSeconds: z.number().default(60),
      availableMemory: z.string().optional(),
      availableCpu: z.string().optional(),
      maxInstanceCount: z.number().optional(),
      maxInstanceRequestConcurrency: z.number().default(1),
      serviceAccountEmail: z.string().default(''),
      ingressSettings: z.string().default('ALLOW_ALL'),
      allTrafficOnLatestRevision: z.boolean().default(false),
      environmentVariables: z.record(z.string(), z.string()).default({}),
      secretEnvironmentVariables: z
        .array(z.looseObject({ key: z.string(), secret: z.string(), version: z.string() }))
        .default([]),
      uri: z.string().default(''),
    })
    .prefault({}),
});

/** A function as Cloud Functions shows it (https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions). */
export type DeployedFunction = z.infer<typeof functionShape>;
export type DeployedFunctions = ReadonlyMap<FunctionName, Looked<DeployedFunction>>;

/** The runtime of terraform/modules/stage/function.tf. */
const RUNTIME = 'nodejs24';
const SMALLEST_MIB = 512;

/** The functions of this deployment: those that are always there, and webhook where something rings it. */
export async function lookAtFunctions(api: GoogleApi, names: Names): Promise<DeployedFunctions> {
  const base = `https://cloudfunctions.googleapis.com/v2/projects/${names.project}/locations/${names.region}/functions`;
  const functions: DeployedFunctions = new Map(
    await Promise.all(
      FUNCTIONS.map(
        async (fn) => [fn, await api.get(`${base}/${names.service(fn)}`, functionShape)] as const,
      ),
    ),
  );
  const isRung = (['resize-image', 'analyze-image'] as const).some(
    (fn) => configOf(functions, fn)?.environmentVariables['WEBHOOKS_TOPIC'] !== undefined,
  );
  const isThere = functions.get('webhook')?.state === 'found';
  return new Map([...functions].filter(([fn]) => fn !== 'webhook' || isThere || isRung));
}

export const configOf = (
  functions: DeployedFunctions,
  fn: FunctionName,
): DeployedFunction['serviceConfig'] | undefined => {
  const looked = functions.get(fn);
  return looked?.state === 'found' ? looked.value.serviceConfig : undefined;
};

/** What the platform was given of one function. */
export function functionFindings(
  names: Names,
  fn: FunctionName,
  looked: Looked<DeployedFunction> | undefined,
): Finding[] {
  const service = names.service(fn);
  if (looked === undefined || looked.state === 'missing') {
    return [error(`There is no function ${service} in ${names.region}.`, `npm run build && ${APPLY}`)];
  }
  if (looked.state === 'unseen') return [unseenOf(service, looked)];
  return broken([
    ...stateRules(names, service, looked.value),
    ...accountRules(names, fn, looked.value),
    ...sizeRules(names, service, looked.value),
  ]);
}

function stateRules(
  names: Names,
  service: string,
  { state, stateMessages, ...rest }: DeployedFunction,
): Rule[] {
  const why = stateMessages.map(({ message }) => message.split('\n', 1)[0]).join(' ');
  return [
    {
      holds: state === 'ACTIVE',
      otherwise: error(
        `${service} is ${state}${why ? ` (${why})` : ''}.`,
        `gcloud functions describe ${service} ${at(names)}`,
      ),
    },
    {
      holds: rest.buildConfig.runtime === RUNTIME,
      otherwise: warning(
        `${service} runs on ${rest.buildConfig.runtime || 'an unknown runtime'}, not on ${RUNTIME}.`,
        APPLY,
      ),
    },
  ];
}

function accountRules(
  names: Names,
  fn: FunctionName,
  { buildConfig, serviceConfig }: DeployedFunction,
): Rule[] {
  const service = names.service(fn);
  const isInternal = serviceConfig.ingressSettings === 'ALLOW_INTERNAL_ONLY';
  return [
    {
      holds: serviceConfig.serviceAccountEmail === names.account(fn),
      otherwise: error(
        `${service} runs as ${serviceConfig.serviceAccountEmail || 'the default account'}, not as its own account.`,
        `gcloud run services update ${service} --service-account=${names.account(fn)} ${at(names)}`,
      ),
    },
    {
      holds: (buildConfig.serviceAccount ?? '').endsWith(names.buildAccount),
      otherwise: warning(`${service} is not built by ${names.buildAccount}.`, APPLY),
    },
    {
      // Listed callers reach the api from outside.
      holds: isInternal || fn === 'api',
      otherwise: error(
        `${service} can be reached from the internet.`,
        `gcloud run services update ${service} --ingress=internal ${at(names)}`,
      ),
    },
  ];
}

function sizeRules(names: Names, service: string, { serviceConfig }: DeployedFunction): Rule[] {
  const { availableCpu, availableMemory, maxInstanceCount, maxInstanceRequestConcurrency } = serviceConfig;
  const cpus = cpusOf(availableCpu);
  const mebibytes = mebibytesOf(availableMemory);
  const update = `gcloud run services update ${service}`;
  return [
    {
      holds: cpus >= 1 || maxInstanceRequestConcurrency === 1,
      otherwise: error(
        `${service} takes ${maxInstanceRequestConcurrency} requests at once with ${cpus} cpu: it needs 1.`,
        `${update} --cpu=1 ${at(names)}`,
      ),
    },
    {
      holds: mebibytes >= SMALLEST_MIB,
      otherwise: error(
        `${service} has ${mebibytes} MiB of memory: it needs ${SMALLEST_MIB}.`,
        `${update} --memory=${SMALLEST_MIB}Mi ${at(names)}`,
      ),
    },
    {
      holds: maxInstanceCount !== undefined && maxInstanceCount > 0,
      otherwise: error(
        `${service} has no limit of instances: nothing stops its costs.`,
        `${update} --max-instances=10 ${at(names)}`,
      ),
    },
  ];
}

export const at = ({ project, region }: Names): string => `--region=${region} --project=${project}`;

/** `2` or `1000m`; 0 when not stated. */
function cpusOf(text: string | undefined): number {
  const value = Number.parseFloat(text ?? '0');
  return text?.endsWith('m') ? value / 1000 : value;
}

const MEBIBYTES: Readonly<Record<string, number>> = {
  k: 1e3 / 1_048_576,
  K: 1e3 / 1_048_576,
  Ki: 1 / 1024,
  M: 1e6 / 1_048_576,
  Mi: 1,
  G: 1e9 / 1_048_576,
  Gi: 1024,
};

/** A quantity of Kubernetes such as `512Mi` or `1Gi`; 0 when not stated. */
export function mebibytesOf(text: string | undefined): number {
  const [, number = '0', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text ?? '') ?? [];
  return Math.round(Number(number) * (MEBIBYTES[unit] ?? 1 / 1_048_576));
}
