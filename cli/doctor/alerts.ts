import { z } from 'zod';
import { plural } from '../text/units.ts';
import { APPLY, broken, type Finding, orAllWell, warning } from './finding.ts';
import { type GoogleApi, unseenOf } from './google-api.ts';
import type { Names } from './names.ts';

const channel = z.looseObject({
  name: z.string(),
  displayName: z.string().default(''),
  enabled: z.boolean().default(true),
  verificationStatus: z.string().optional(),
});

const alertPolicy = z.looseObject({
  name: z.string(),
  displayName: z.string().default(''),
  enabled: z.boolean().default(true),
  notificationChannels: z.array(z.string()).default([]),
});

/** Who hears of it when something goes wrong. */
export async function examineAlerts(api: GoogleApi, names: Names): Promise<Finding[]> {
  const base = `https://monitoring.googleapis.com/v3/projects/${names.project}`;
  const [channels, policies] = await Promise.all([
    api.list(`${base}/notificationChannels`, 'notificationChannels', channel),
    api.list(`${base}/alertPolicies`, 'alertPolicies', alertPolicy),
  ]);
  if (channels.state !== 'found' || policies.state !== 'found') {
    const looked = channels.state === 'unseen' ? channels : policies;
    return looked.state === 'unseen' ? [unseenOf('alerts and their channels', looked)] : [];
  }
  const own = policies.value.filter(({ displayName }) => displayName.startsWith(`${names.name}: `));
  if (own.length === 0) return [warning('There are no alerts: nobody hears of failures.', APPLY)];
  const usable = new Set(
    channels.value
      .filter(({ enabled, verificationStatus }) => enabled && verificationStatus !== 'UNVERIFIED')
      .map(({ name }) => name),
  );
  const silent = own.filter(
    ({ notificationChannels }) => !notificationChannels.some((name) => usable.has(name)),
  );
  const off = own.filter(({ enabled }) => !enabled);
  return orAllWell(
    broken([
      {
        holds: silent.length === 0,
        otherwise: warning(
          `${silent.length} of ${own.length} alerts tell nobody.`,
          `Set alert_email in terraform/terraform.tfvars, then: ${APPLY}`,
        ),
      },
      ...off.map(({ name, displayName }) => ({
        holds: false,
        otherwise: warning(
          `The alert "${displayName}" is off.`,
          `gcloud monitoring policies update ${name} --enabled --project=${names.project}`,
        ),
      })),
    ]),
    `${plural(own.length, 'alert')}: each is on and tells somebody.`,
  );
}
