import { z } from 'zod';
import { broken, error, type Finding, listed, ok, orAllWell, type Rule, warning } from './finding.ts';
import { type GoogleApi, type Looked, unseenOf } from './google-api.ts';
import { type Policy, policy, serviceAccount } from './iam.ts';
import type { FunctionName, Names } from './names.ts';
import { serviceAgentRules } from './service-agents.ts';

const projectShape = z.looseObject({ name: z.string(), state: z.string().optional() });

interface Project {
  /** `projects/<number>` without its beginning. */
  number: string;
  state: string;
}

/** How Gemini is reached: with a key, or with the function's own account. */
export type Backend = 'developer' | 'vertex';

export async function lookAtProject(api: GoogleApi, id: string): Promise<Looked<Project>> {
  const looked = await api.get(`https://cloudresourcemanager.googleapis.com/v3/projects/${id}`, projectShape);
  if (looked.state !== 'found') return looked;
  const { name, state = 'ACTIVE' } = looked.value;
  return { state: 'found', value: { number: name.replace('projects/', ''), state } };
}

export function projectFindings(id: string, looked: Looked<Project>): Finding[] {
  const list = 'gcloud projects list';
  switch (looked.state) {
    case 'missing':
      return [error(`There is no project ${id}.`, list)];
    case 'unseen':
      // Google answers the same for a project that does not exist.
      return [unseenOf(`the project ${id} (does it exist?)`, looked)];
    case 'found':
      return looked.value.state === 'ACTIVE'
        ? [ok(`${id} (number ${looked.value.number}).`)]
        : [error(`The project ${id} is ${looked.value.state}.`, `gcloud projects undelete ${id}`)];
  }
}

const services = z.looseObject({
  services: z
    .array(
      z.looseObject({
        state: z.string().optional(),
        name: z.string(),
      }),
    )
    .default([]),
});

/** As in terraform/modules/pipeline/apis.tf. */
export const ALWAYS = [
  'artifactregistry',
  'cloudbuild',
  'cloudfunctions',
  'cloudresourcemanager',
  'cloudscheduler',
  'firebaserules',
  'firestore',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'pubsub',
  'run',
  'storage',
];
const OF_BACKEND: Readonly<Record<Backend, readonly string[]>> = {
  developer: ['generativelanguage'],
  vertex: ['aiplatform'],
};

export async function examineApis(
  api: GoogleApi,
  project: string,
  backends: readonly Backend[],
  { hasSecrets, hasBudget }: { hasSecrets: boolean; hasBudget: boolean },
): Promise<Finding[]> {
  const needed = [
    ...ALWAYS,
    ...backends.flatMap((backend) => OF_BACKEND[backend]),
    ...(hasSecrets || backends.includes('developer') ? ['secretmanager'] : []),
    ...(hasBudget ? ['billingbudgets'] : []),
  ].map((name) => `${name}.googleapis.com`);
  const names = needed.map((name) => `names=${encodeURIComponent(`projects/${project}/services/${name}`)}`);
  const looked = await api.get(
    `https://serviceusage.googleapis.com/v1/projects/${project}/services:batchGet?${names.join('&')}`,
    services,
  );
  if (looked.state === 'missing') return [];
  if (looked.state === 'unseen') return [unseenOf('the APIs', looked)];
  const enabled = new Set(
    looked.value.services
      .filter(({ state }) => state === 'ENABLED')
      .map(({ name }) => name.split('/').at(-1)),
  );
  const off = needed.filter((name) => !enabled.has(name));
  return off.length === 0
    ? [ok(`All ${needed.length} are enabled.`)]
    : [
        error(
          `${listed(off)} ${off.length === 1 ? 'is' : 'are'} not enabled.`,
          `gcloud services enable ${off.join(' ')} --project=${project}`,
        ),
      ];
}

const BASIC = ['roles/owner', 'roles/editor', 'roles/viewer'];

/** Roles that can only be granted on the project. */
export async function examineProjectRoles(
  api: GoogleApi,
  names: Names,
  projectNumber: string | undefined,
  functions: readonly FunctionName[],
  backends: readonly Backend[],
): Promise<Finding[]> {
  const { project } = names;
  const looked = await api.post(
    `https://cloudresourcemanager.googleapis.com/v3/projects/${project}:getIamPolicy`,
    policy,
    { options: { requestedPolicyVersion: 3 } },
  );
  if (looked.state === 'missing') return [];
  if (looked.state === 'unseen') return [unseenOf('the roles on the project', looked)];
  const rules = [
    ...functions.map((fn) => databaseRule(names, looked.value, names.account(fn))),
    plainRule(names, looked.value, names.buildAccount, 'roles/logging.logWriter', 'builds say nothing'),
    ...(backends.includes('vertex')
      ? [
          plainRule(
            names,
            looked.value,
            names.account('analyze-image'),
            'roles/aiplatform.user',
            'it cannot call Gemini',
          ),
          plainRule(
            names,
            looked.value,
            names.account('batch'),
            'roles/aiplatform.user',
            'it can make no batch jobs',
          ),
        ]
      : []),
    ...(projectNumber === undefined
      ? []
      : serviceAgentRules(project, projectNumber, looked.value, backends.includes('vertex'))),
    ...tooMuch(names, looked.value),
  ];
  return orAllWell(broken(rules), 'Each account may do its own part on the project, and no more.');
}

function databaseRule(names: Names, { bindings }: Policy, account: string): Rule {
  const role = 'roles/datastore.user';
  const expression = `resource.name == "${names.databasePath}"`;
  const own = bindings.filter(
    (binding) => binding.role === role && binding.members.includes(serviceAccount(account)),
  );
  const reaches = own.some(
    ({ condition }) => condition === undefined || condition.expression.includes(names.databasePath),
  );
  const add = `gcloud projects add-iam-policy-binding ${names.project} --member=${serviceAccount(account)} --role=${role}`;
  return {
    holds: reaches,
    otherwise: error(
      `${account} has no ${role} on the database ${names.database}.`,
      `${add} --condition='title=only_${names.database.replaceAll('-', '_')},expression=${expression}'`,
    ),
  };
}

const plainRule = (
  { project }: Names,
  { bindings }: Policy,
  account: string,
  role: string,
  without: string,
): Rule => ({
  holds: bindings.some(
    (binding) => binding.role === role && binding.members.includes(serviceAccount(account)),
  ),
  otherwise: error(
    `${account} has no ${role} on the project: ${without}.`,
    `gcloud projects add-iam-policy-binding ${project} --member=${serviceAccount(account)} --role=${role} --condition=None`,
  ),
});

const tooMuch = (names: Names, { bindings }: Policy): Rule[] =>
  bindings
    .filter(({ role }) => BASIC.includes(role))
    .flatMap(({ role, members }) =>
      members
        .filter((member) => member.startsWith(`serviceAccount:${names.name}-`))
        .map((member) => ({
          holds: false,
          otherwise: warning(
            `${member.replace('serviceAccount:', '')} has ${role} on the whole project, which it does not need.`,
            `gcloud projects remove-iam-policy-binding ${names.project} --member=${member} --role=${role}`,
          ),
        })),
    );
