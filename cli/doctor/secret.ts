import { z } from 'zod';
import { APPLY, broken, error, type Finding, orAllWell } from './finding.ts';
import { configOf, type DeployedFunctions } from './functions.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { grantFindings, policy, serviceAccount } from './iam.ts';
import type { Names } from './names.ts';

const versionShape = z.looseObject({ state: z.string().default('ENABLED') });

const VARIABLE = 'GEMINI_API_KEY';

/** The version of the secret that analyze-image gets its key from. The key itself is never read. */
export async function examineSecret(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
): Promise<Finding[]> {
  const config = configOf(functions, 'analyze-image');
  if (!config) return [];
  const used = config.secretEnvironmentVariables.find(({ key }) => key === VARIABLE);
  // A missing key is said with the variables.
  if (!used) return [];
  const secret = used.secret.split('/').at(-1) ?? used.secret;
  const base = `https://secretmanager.googleapis.com/v1/projects/${names.project}/secrets/${secret}`;
  const [version, roles] = await Promise.all([
    api.get(`${base}/versions/${used.version}`, versionShape),
    api.get(`${base}:getIamPolicy`, policy),
  ]);
  const renew = `Raise gemini.api_key_version in terraform/terraform.tfvars, then: TF_VAR_gemini_api_key=YOUR_KEY ${APPLY}`;
  if (version.state === 'missing') {
    return [error(`The secret ${secret} has no version ${used.version}: analyze-image cannot start.`, renew)];
  }
  const grants = grantFindings(
    `the secret ${secret}`,
    roles,
    [
      {
        member: serviceAccount(names.account('analyze-image')),
        role: 'roles/secretmanager.secretAccessor',
        without: 'analyze-image cannot start',
        command: `gcloud secrets add-iam-policy-binding ${secret} --project=${names.project}`,
      },
    ],
    `gcloud secrets remove-iam-policy-binding ${secret} --project=${names.project}`,
  );
  if (version.state === 'unseen') return [unseenOf(`the secret ${secret}`, version), ...grants];
  const { state } = version.value;
  return orAllWell(
    [
      ...broken([
        {
          holds: state === 'ENABLED',
          otherwise: error(
            `Version ${used.version} of the secret ${secret} is ${state.toLowerCase()}: analyze-image cannot start.`,
            state === 'DISABLED'
              ? `gcloud secrets versions enable ${used.version} --secret=${secret} --project=${names.project}`
              : renew,
          ),
        },
      ]),
      ...grants,
    ],
    `Version ${used.version} of ${secret} is there, for analyze-image alone.`,
  );
}
