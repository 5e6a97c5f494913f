/** Google's refusal of a question. */
export interface Refusal {
  /** HTTP status; never 404. */
  status: number;
  message: string;
  reason: string | undefined;
  permission: string | undefined;
}

/** The smallest predefined role that may look, by what is asked (https://cloud.google.com/iam/docs/roles-permissions). */
const ROLES: readonly (readonly [pattern: RegExp, role: string])[] = [
  [/consumerQuotaMetrics/, 'roles/servicemanagement.quotaViewer'],
  [/\/\/serviceusage\./, 'roles/serviceusage.serviceUsageViewer'],
  [/\/\/cloudresourcemanager\./, 'roles/browser'],
  [/\/\/storage\.[^?]*\/iam$/, 'roles/iam.securityReviewer'],
  [/\/\/storage\.[^?]*\/notificationConfigs/, 'roles/storage.admin'],
  [/\/\/storage\./, 'roles/storage.bucketViewer'],
  [/\/\/(?:pubsub|iam|artifactregistry)\.[^?]*:getIamPolicy/, 'roles/iam.securityReviewer'],
  [/\/\/pubsub\./, 'roles/pubsub.viewer'],
  [/\/\/artifactregistry\./, 'roles/artifactregistry.reader'],
  [/\/\/cloudfunctions\./, 'roles/cloudfunctions.viewer'],
  [/\/\/run\./, 'roles/run.viewer'],
  [/\/\/firestore\.[^?]*\/backupSchedules/, 'roles/datastore.backupSchedulesViewer'],
  [/\/\/firestore\./, 'roles/datastore.viewer'],
  [/\/\/firebaserules\./, 'roles/firebaserules.viewer'],
  [/\/\/secretmanager\./, 'roles/secretmanager.viewer'],
  [/\/\/cloudscheduler\./, 'roles/cloudscheduler.viewer'],
  [/\/\/monitoring\./, 'roles/monitoring.viewer'],
  [/aiplatform\./, 'roles/aiplatform.viewer'],
];

const ME = '--member="user:$(gcloud config get account)"';

/** Why nothing was seen, and what lets one see. */
export function howToSee(
  url: string,
  { status, message, reason, permission }: Refusal,
  project: string,
): { why: string; fix?: string; reason?: string } {
  const { host } = new URL(url);
  const known = reason === undefined ? {} : { reason };
  if (reason === 'SERVICE_DISABLED') {
    return {
      ...known,
      why: `the API ${host} is not enabled.`,
      fix: `gcloud services enable ${host} --project=${project}`,
    };
  }
  if (reason === 'USER_PROJECT_DENIED')
    return { ...known, ...needs('roles/serviceusage.serviceUsageConsumer', undefined, project) };
  if (status === 401) {
    return {
      reason: 'UNAUTHENTICATED',
      why: 'your sign-in is no longer valid.',
      fix: 'gcloud auth application-default login',
    };
  }
  if (status === 403) return { ...known, ...needsRole(url, permission, project) };
  const said = message.split('\n', 1)[0]?.slice(0, 200);
  return { ...known, why: `${host} answered ${status}${said ? ` (${said})` : ''}.` };
}

function needsRole(
  url: string,
  permission: string | undefined,
  project: string,
): { why: string; fix?: string } {
  const account = /\/billingAccounts\/([^/]+)/.exec(url)?.[1];
  if (account !== undefined) {
    const role = 'roles/billing.viewer';
    return {
      why: `needs ${role} on the billing account.`,
      fix: `gcloud billing accounts add-iam-policy-binding ${account} ${ME} --role=${role}`,
    };
  }
  const role = ROLES.find(([pattern]) => pattern.test(url))?.[1];
  if (role !== undefined) return needs(role, permission, project);
  return { why: permission ? `needs the permission ${permission}.` : 'access was refused.' };
}

const needs = (
  role: string,
  permission: string | undefined,
  project: string,
): { why: string; fix: string } => ({
  why: `needs ${role}${permission === undefined ? '' : ` (${permission})`}.`,
  fix: `gcloud projects add-iam-policy-binding ${project} ${ME} --role=${role} --condition=None`,
});
