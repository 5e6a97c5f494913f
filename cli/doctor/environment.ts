import { z } from 'zod';
import { type OptionShapes, refusedVariables, unknownVariables } from '../../build/option-shapes.ts';
import { APPLY, broken, error, type Finding, orAllWell, type Rule, warning } from './finding.ts';
import { configOf, type DeployedFunction, type DeployedFunctions, mebibytesOf } from './functions.ts';
import type { FunctionName, Names } from './names.ts';

type Config = DeployedFunction['serviceConfig'];

/** A key is recognized by its name: it belongs into Secret Manager. */
const SECRET = /KEY|SECRET|TOKEN$|PASSWORD/;

/** What gives Terraform a new one (terraform/modules/pipeline/secrets.tf). */
const RENEWED_BY: Readonly<Record<string, string>> = {
  FALLBACK_API_KEY: 'TF_VAR_fallback_api_key=NEW_KEY',
  WEBHOOK_SECRET: 'TF_VAR_webhook_secret=NEW_SECRET',
};

const PIXELS_OF_2_GIB = 50_000_000;

/** The variables of every deployed function, held against what the code expects and against the deployment around them. */
export function environmentFindings(
  names: Names,
  functions: DeployedFunctions,
  shapes: ReadonlyMap<string, OptionShapes>,
): Finding[] {
  return [...functions.keys()].flatMap((fn) => {
    const config = configOf(functions, fn);
    const shape = shapes.get(fn);
    if (config === undefined || shape === undefined) return [];
    const service = names.service(fn);
    return orAllWell(
      [
        ...ofItself(service, config, shape),
        ...broken([
          ...placeRules(names, fn, config),
          ...fallbackRules(names, functions, fn),
          ...timeRules(service, config),
          ...shareRules(names, fn, config),
        ]),
      ],
      `${service}: ${Object.keys(config.environmentVariables).length} variables, each as the code expects it.`,
    );
  });
}

function ofItself(service: string, config: Config, shape: OptionShapes): Finding[] {
  const secrets = config.secretEnvironmentVariables.map(({ key }) => key);
  const hidden = {
    // What a secret holds is not read; that there is one is enough.
    variables: { ...shape.variables, ...Object.fromEntries(secrets.map((key) => [key, z.string()])) },
    invariants: shape.invariants,
  };
  const given = {
    ...config.environmentVariables,
    ...Object.fromEntries(secrets.map((key) => [key, 'in Secret Manager'])),
  };
  const fix = `Fix it in terraform/modules/pipeline/environment.tf, then: ${APPLY}`;
  return [
    ...refusedVariables(hidden, given).map((problem) => error(`${service}: ${sentence(problem)}`, fix)),
    ...unknownVariables([shape], config.environmentVariables).map((name) =>
      warning(`${service}: nothing reads ${name}.`, fix),
    ),
    ...Object.keys(config.environmentVariables)
      .filter((name) => SECRET.test(name))
      .map((name) =>
        error(
          `${service} has ${name} in plain sight of everyone who may see the function.`,
          `Make a new one, then: ${RENEWED_BY[name] ?? 'TF_VAR_gemini_api_key=NEW_KEY'} ${APPLY}`,
        ),
      ),
  ];
}

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

/** Names that must be those of this deployment; a wrong one works on other people's objects. */
function placeRules(names: Names, fn: FunctionName, { environmentVariables: given }: Config): Rule[] {
  const expected: Readonly<Record<string, string>> = {
    FIRESTORE_DATABASE: names.database,
    UPLOADS_BUCKET: names.bucket('uploads'),
    PREPARED_BUCKET: names.bucket('prepared'),
    BATCHES_TOPIC: names.topic({ topic: 'batches' }),
    WEBHOOKS_TOPIC: names.topic({ topic: 'webhooks' }),
    ...(fn === 'batch' ? { PREPARED_TOPIC: names.topic({ topic: 'prepared' }) } : {}),
    ...(fn === 'sweep'
      ? {
          UPLOADS_TOPIC: names.topic({ topic: 'uploads' }),
          PREPARED_TOPIC: names.topic({ topic: 'prepared' }),
        }
      : {}),
  };
  return Object.entries(expected)
    .filter(([variable]) => given[variable] !== undefined || variable === 'FIRESTORE_DATABASE')
    .map(([variable, value]) => ({
      holds: given[variable] === value,
      otherwise: error(
        `${names.service(fn)}: ${variable} is ${given[variable] ?? 'not set'}, this deployment's is ${value}.`,
        APPLY,
      ),
    }));
}

/** Who answers while no model can: where the pictures go then, and whether both stages go on. */
function fallbackRules(names: Names, functions: DeployedFunctions, fn: FunctionName): Rule[] {
  if (fn !== 'analyze-image') return [];
  const variableOf = (one: FunctionName, name: string) =>
    configOf(functions, one)?.environmentVariables[name];
  const choice = variableOf(fn, 'FALLBACK') ?? 'none';
  const url = variableOf(fn, 'FALLBACK_URL');
  return [
    {
      holds:
        configOf(functions, 'resize-image') === undefined ||
        (variableOf('resize-image', 'FALLBACK') ?? 'none') === choice,
      otherwise: warning(
        `FALLBACK is ${choice} for ${names.service(fn)}, but not for ${names.service('resize-image')}: it would prepare no pictures for the fallback while access is refused, or too many.`,
        APPLY,
      ),
    },
    {
      holds: choice === 'none' || url === undefined || url.startsWith('https:'),
      otherwise: error(
        `${names.service(fn)} would send pictures to its fallback unencrypted (FALLBACK_URL).`,
        `Give fallback.url an https address in terraform/terraform.tfvars, then: ${APPLY}`,
      ),
    },
  ];
}

const timeRules = (service: string, { environmentVariables: given, timeoutSeconds }: Config): Rule[] => {
  const ours = Number(given['FUNCTION_TIMEOUT_MS'] ?? 0);
  return [
    {
      holds: ours < timeoutSeconds * 1000,
      otherwise: error(
        `${service}: FUNCTION_TIMEOUT_MS is ${ours}, but the platform ends the call after ${timeoutSeconds * 1000}.`,
        APPLY,
      ),
    },
  ];
};

/** What an instance takes for itself must fit what there is. */
function shareRules(names: Names, fn: FunctionName, config: Config): Rule[] {
  const { environmentVariables: given, maxInstanceCount = 0, availableMemory } = config;
  const service = names.service(fn);
  if (fn === 'resize-image') {
    const pixels = Number(given['MAX_PIXELS_IN_FLIGHT'] ?? 0);
    const fits = (mebibytesOf(availableMemory) * PIXELS_OF_2_GIB) / 2048;
    return [
      {
        holds: pixels <= fits,
        otherwise: error(
          `${service} may hold ${pixels / 1e6} megapixels at once; its ${availableMemory ?? 'memory'} is enough for ${Math.floor(fits / 1e6)}.`,
          APPLY,
        ),
      },
    ];
  }
  if (fn !== 'analyze-image') return [];
  const instances = Number(given['MAX_INSTANCES'] ?? 1);
  const hasQuota = Number(given['MODEL_REQUESTS_PER_MINUTE'] ?? 0) > 0;
  return [
    {
      holds: !hasQuota || maxInstanceCount <= instances,
      otherwise: error(
        `${service} may run ${maxInstanceCount} instances, but shares the model's quota out among ${instances} (MAX_INSTANCES): together they exceed it.`,
        APPLY,
      ),
    },
    {
      holds: Number(given['MODEL_MAX_CONCURRENCY'] ?? 32) <= config.maxInstanceRequestConcurrency,
      otherwise: warning(
        `${service} takes ${config.maxInstanceRequestConcurrency} pictures at once, but would call the model for ${given['MODEL_MAX_CONCURRENCY'] ?? 32} (MODEL_MAX_CONCURRENCY).`,
        APPLY,
      ),
    },
  ];
}
