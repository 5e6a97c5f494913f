import { z } from 'zod';
import { broken, error, type Finding, warning } from './finding.ts';
import { at, configOf, type DeployedFunctions } from './functions.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { grantFindings, membersOf, type Policy, policy, serviceAccount } from './iam.ts';
import { FEEDS, type FunctionName, type Names, SCHEDULED } from './names.ts';

const serviceShape = z.looseObject({
  invokerIamDisabled: z.boolean().default(false),
  terminalCondition: z
    .looseObject({ state: z.string().optional(), message: z.string().optional() })
    .optional(),
  latestReadyRevision: z.string().optional(),
  trafficStatuses: z
    .array(
      z.looseObject({
        type: z.string().optional(),
        revision: z.string().default(''),
        percent: z.number().default(0),
      }),
    )
    .default([]),
});

type Service = z.infer<typeof serviceShape>;

const INVOKER = 'roles/run.invoker';

/** The Cloud Run service that carries a function: whether it is ready, and who may call it. */
export async function examineService(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
  fn: FunctionName,
): Promise<Finding[]> {
  // A function that is not there is reported once.
  if (functions.get(fn)?.state === 'missing') return [];
  const service = names.service(fn);
  const url = `https://run.googleapis.com/v2/projects/${names.project}/locations/${names.region}/services/${service}`;
  const [looked, roles] = await Promise.all([
    api.get(url, serviceShape),
    api.get(`${url}:getIamPolicy`, policy),
  ]);
  const update = `gcloud run services add-iam-policy-binding ${service} ${at(names)}`;
  return [
    ...(looked.state === 'unseen' ? [unseenOf(`the service ${service}`, looked)] : []),
    ...(looked.state === 'found'
      ? readiness(names, service, looked.value, configOf(functions, fn)?.allTrafficOnLatestRevision ?? true)
      : []),
    ...grantFindings(
      `the service ${service}`,
      roles,
      callersOf(names, fn).map(({ account, without }) => ({
        member: serviceAccount(account),
        role: INVOKER,
        without,
        command: update,
      })),
      `gcloud run services remove-iam-policy-binding ${service} ${at(names)}`,
    ),
    ...(fn === 'api' && roles.state === 'found' ? callersOfApi(service, roles.value, update) : []),
  ];
}

function readiness(names: Names, service: string, found: Service, followsLatest: boolean): Finding[] {
  const { invokerIamDisabled, terminalCondition } = found;
  const state = terminalCondition?.state ?? 'CONDITION_SUCCEEDED';
  return broken([
    {
      holds: state === 'CONDITION_SUCCEEDED' || state === 'CONDITION_RECONCILING',
      otherwise: error(
        `The service ${service} is not ready: ${terminalCondition?.message?.split('\n', 1)[0] ?? state}`,
        `gcloud run services logs read ${service} --limit=50 ${at(names)}`,
      ),
    },
    {
      holds: followsLatest || servesLatest(found),
      otherwise: warning(
        `${service} does not send all requests to its latest revision.`,
        `gcloud run services update-traffic ${service} --to-latest ${at(names)}`,
      ),
    },
    {
      holds: !invokerIamDisabled,
      otherwise: error(
        `The service ${service} lets everybody call it: its check of callers is off.`,
        `gcloud run services update ${service} --invoker-iam-check ${at(names)}`,
      ),
    },
  ]);
}

/** After a rollout the traffic is fixed to a revision: that is as well, as long as it is the latest. */
function servesLatest({ latestReadyRevision = '', trafficStatuses }: Service): boolean {
  const serving = trafficStatuses.filter(({ percent }) => percent > 0);
  return (
    serving.length > 0 &&
    serving.every(
      ({ type, revision }) =>
        type === 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST' || latestReadyRevision.endsWith(`/${revision}`),
    )
  );
}

const callersOfApi = (service: string, roles: Policy, update: string): Finding[] =>
  broken([
    {
      holds: membersOf(roles, INVOKER).length > 0,
      otherwise: warning(
        `Nobody may call ${service}.`,
        `Name callers (api_invokers in terraform/terraform.tfvars), or: ${update} --member=user:NAME@EXAMPLE.COM --role=${INVOKER}`,
      ),
    },
  ]);

/** What calls a function: the push of its topic, the schedule, or both. */
function callersOf(names: Names, fn: FunctionName): { account: string; without: string }[] {
  return [
    ...(FEEDS.some((feed) => feed.fn === fn)
      ? [{ account: names.pushAccount(fn), without: 'every message is refused (403)' }]
      : []),
    ...(SCHEDULED.some((scheduled) => scheduled === fn)
      ? [{ account: names.scheduleAccount, without: 'every run of the schedule is refused (403)' }]
      : []),
  ];
}
