import { z } from 'zod';
import { APPLY, broken, error, type Finding, orAllWell } from './finding.ts';
import { configOf, type DeployedFunction, type DeployedFunctions } from './functions.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { grantFindings, policy, serviceAccount } from './iam.ts';
import type { FunctionName, Names } from './names.ts';

const versionShape = z.looseObject({ state: z.string().default('ENABLED') });

type Used = DeployedFunction['serviceConfig']['secretEnvironmentVariables'][number];

/** The versions of the secrets that functions start with. The secrets themselves are never read. */
export async function examineSecrets(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
): Promise<Finding[]> {
  // A secret that a function needs and does not get is said with its variables.
  const all = [...functions.keys()].flatMap((fn) =>
    (configOf(functions, fn)?.secretEnvironmentVariables ?? []).map((used) => ({ fn, used })),
  );
  const shared = Map.groupBy(all, ({ used: { secret, version } }) => `${secret} ${version}`);
  const findings = [...shared.values()].map((holders) => examineSecret(api, names, holders));
  return (await Promise.all(findings)).flat();
}

/** One version of a secret, and every function that starts with it. */
async function examineSecret(
  api: GoogleApi,
  names: Names,
  holders: readonly { fn: FunctionName; used: Used }[],
): Promise<Finding[]> {
  const [first] = holders;
  if (!first) return [];
  const { used } = first;
  const { version } = used;
  const secret = used.secret.split('/').at(-1) ?? used.secret;
  const base = `https://secretmanager.googleapis.com/v1/projects/${names.project}/secrets/${secret}`;
  const [looked, roles] = await Promise.all([
    api.get(`${base}/versions/${version}`, versionShape),
    api.get(`${base}:getIamPolicy`, policy),
  ]);
  const renew = renewal(used.key);
  const services = holders.map(({ fn }) => names.service(fn)).join(' and ');
  const stopped = `${services} cannot start`;
  if (looked.state === 'missing') {
    return [error(`The secret ${secret} has no version ${version}: ${stopped}.`, renew)];
  }
  const grants = grantFindings(
    `the secret ${secret}`,
    roles,
    holders.map(({ fn }) => ({
      member: serviceAccount(names.account(fn)),
      role: 'roles/secretmanager.secretAccessor',
      without: `${names.service(fn)} cannot start`,
      command: `gcloud secrets add-iam-policy-binding ${secret} --project=${names.project}`,
    })),
    `gcloud secrets remove-iam-policy-binding ${secret} --project=${names.project}`,
  );
  if (looked.state === 'unseen') return [unseenOf(`the secret ${secret}`, looked), ...grants];
  const { state } = looked.value;
  const enable = `gcloud secrets versions enable ${version} --secret=${secret} --project=${names.project}`;
  const rules = broken([
    {
      holds: state === 'ENABLED',
      otherwise: error(
        `Version ${version} of the secret ${secret} is ${state.toLowerCase()}: ${stopped}.`,
        state === 'DISABLED' ? enable : renew,
      ),
    },
  ]);
  return orAllWell([...rules, ...grants], `Version ${version} of ${secret} is there for ${services}.`);
}

/** Terraform stores a secret again when its version in the variables changes. */
const renewal = (variable: string): string => {
  const [setting, given] = RENEWALS[variable] ?? ['gemini.api_key_version', 'TF_VAR_gemini_api_key=YOUR_KEY'];
  return `Raise ${setting} in terraform/terraform.tfvars, then: ${given} ${APPLY}`;
};

const RENEWALS: Readonly<Record<string, readonly [setting: string, given: string]>> = {
  FALLBACK_API_KEY: ['fallback.api_key_version', 'TF_VAR_fallback_api_key=YOUR_KEY'],
  WEBHOOK_SECRET: ['webhook.secret_version', 'TF_VAR_webhook_secret=YOUR_SECRET'],
};
