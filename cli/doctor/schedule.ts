import { z } from 'zod';
import { APPLY, broken, error, type Finding, orAllWell, warning } from './finding.ts';
import { configOf, type DeployedFunctions } from './functions.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import { type Names, SCHEDULED, type Scheduled } from './names.ts';

const jobShape = z.looseObject({
  state: z.string().default('ENABLED'),
  schedule: z.string().default(''),
  httpTarget: z
    .looseObject({
      uri: z.string().default(''),
      oidcToken: z.looseObject({ serviceAccountEmail: z.string().default('') }).optional(),
    })
    .prefault({}),
  lastAttemptTime: z.string().optional(),
  status: z.looseObject({ code: z.number().optional(), message: z.string().optional() }).optional(),
});

/** What calls functions by the clock. */
export async function examineSchedules(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
): Promise<Finding[]> {
  const scheduled = SCHEDULED.filter((fn) => functions.has(fn));
  return (await Promise.all(scheduled.map((fn) => examineSchedule(api, names, functions, fn)))).flat();
}

const WITHOUT: Readonly<Record<Scheduled, string>> = {
  batch:
    'batch jobs are neither begun nor settled, and their pictures go by other lanes before their patience ends',
  sweep: 'stuck and parked pictures stay so',
  webhook: 'webhooks that failed once are not tried again',
};

async function examineSchedule(
  api: GoogleApi,
  names: Names,
  functions: DeployedFunctions,
  fn: Scheduled,
): Promise<Finding[]> {
  const { project, region } = names;
  const job = names.service(fn);
  const looked = await api.get(
    `https://cloudscheduler.googleapis.com/v1/projects/${project}/locations/${region}/jobs/${job}`,
    jobShape,
  );
  if (looked.state === 'missing') {
    return [error(`There is no schedule ${job}: ${WITHOUT[fn]}.`, APPLY)];
  }
  if (looked.state === 'unseen') return [unseenOf(`the schedule ${job}`, looked)];
  const { state, httpTarget, status, schedule } = looked.value;
  const uri = configOf(functions, fn)?.uri ?? httpTarget.uri;
  const at = `--location=${region} --project=${project}`;
  const update = `gcloud scheduler jobs update http ${job} --uri=${uri} --oidc-service-account-email=${names.scheduleAccount} --oidc-token-audience=${uri} ${at}`;
  return orAllWell(
    broken([
      {
        holds: state === 'ENABLED',
        otherwise: error(
          `The schedule ${job} is ${state.toLowerCase()}: ${WITHOUT[fn]}.`,
          `gcloud scheduler jobs resume ${job} ${at}`,
        ),
      },
      {
        holds: httpTarget.uri.replace(/\/$/, '') === uri.replace(/\/$/, ''),
        otherwise: error(`The schedule ${job} calls ${httpTarget.uri || 'nobody'}, not ${job}.`, update),
      },
      {
        holds: httpTarget.oidcToken?.serviceAccountEmail === names.scheduleAccount,
        otherwise: error(
          `The schedule ${job} does not call as ${names.scheduleAccount}: it is refused.`,
          update,
        ),
      },
      {
        holds: (status?.code ?? 0) === 0,
        otherwise: warning(
          `The last run of ${job} failed${status?.message ? ` (${status.message.slice(0, 120)})` : ''}.`,
          `gcloud run services logs read ${job} --limit=50 --region=${region} --project=${project}`,
        ),
      },
    ]),
    `${job} runs at ${schedule}.`,
  );
}
