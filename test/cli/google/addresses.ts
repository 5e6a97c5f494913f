export const PROJECT = 'my-project-123';
export const NUMBER = '123456789012';
export const REGION = 'europe-west1';
export const DATABASE = `projects/${PROJECT}/databases/pictures-results`;
export const BILLING = '0123AB-4567CD-89EF01';
/** When the deployment is looked at. */
export const NOW = Date.parse('2026-11-20T12:00:00Z');

export const account = (id: string) => `serviceAccount:${id}@${PROJECT}.iam.gserviceaccount.com`;
export const email = (id: string) => `${id}@${PROJECT}.iam.gserviceaccount.com`;
export const PUBSUB = `serviceAccount:service-${NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com`;
export const STORAGE = `service-${NUMBER}@gs-project-accounts.iam.gserviceaccount.com`;

export const roles = (grants: Record<string, string[]>) => ({
  version: 1,
  etag: 'BwYV',
  bindings: Object.entries(grants).map(([role, members]) => ({ role, members })),
});

/** Addresses as the tests change them; each with its method. */
export const at = {
  project: `GET cloudresourcemanager.googleapis.com/v3/projects/${PROJECT}`,
  projectRoles: `POST cloudresourcemanager.googleapis.com/v3/projects/${PROJECT}:getIamPolicy`,
  apis: `GET serviceusage.googleapis.com/v1/projects/${PROJECT}/services:batchGet`,
  quota: `GET serviceusage.googleapis.com/v1beta1/projects/${PROJECT}/services/generativelanguage.googleapis.com/consumerQuotaMetrics`,
  storageAgent: `GET storage.googleapis.com/storage/v1/projects/${PROJECT}/serviceAccount`,
  bucket: (key: string) => `GET storage.googleapis.com/storage/v1/b/${PROJECT}-pictures-${key}`,
  bucketRoles: (key: string) => `${at.bucket(key)}/iam`,
  notifications: (key: string) => `${at.bucket(key)}/notificationConfigs`,
  topic: (id: string) => `GET pubsub.googleapis.com/v1/projects/${PROJECT}/topics/pictures-${id}`,
  subscription: (id: string) =>
    `GET pubsub.googleapis.com/v1/projects/${PROJECT}/subscriptions/pictures-${id}`,
  pushAccount: (fn: string) =>
    `POST iam.googleapis.com/v1/projects/${PROJECT}/serviceAccounts/${email(`pictures-${fn}-push`)}:getIamPolicy`,
  function: (fn: string) =>
    `GET cloudfunctions.googleapis.com/v2/projects/${PROJECT}/locations/${REGION}/functions/pictures-${fn}`,
  service: (fn: string) =>
    `GET run.googleapis.com/v2/projects/${PROJECT}/locations/${REGION}/services/pictures-${fn}`,
  repository: `GET artifactregistry.googleapis.com/v1/projects/${PROJECT}/locations/${REGION}/repositories/pictures-functions`,
  database: `GET firestore.googleapis.com/v1/${DATABASE}`,
  fields: `GET firestore.googleapis.com/v1/${DATABASE}/collectionGroups/-/fields`,
  indexes: `GET firestore.googleapis.com/v1/${DATABASE}/collectionGroups/-/indexes`,
  backups: `GET firestore.googleapis.com/v1/${DATABASE}/backupSchedules`,
  pause: `GET firestore.googleapis.com/v1/${DATABASE}/documents/control/pipeline`,
  release: `GET firebaserules.googleapis.com/v1/projects/${PROJECT}/releases/cloud.firestore/pictures-results`,
  ruleset: `GET firebaserules.googleapis.com/v1/projects/${PROJECT}/rulesets/1f2e`,
  secretOf: (id: string) => `GET secretmanager.googleapis.com/v1/projects/${PROJECT}/secrets/${id}`,
  get secret(): string {
    return at.secretOf('pictures-gemini-api-key');
  },
  jobOf: (fn: string) =>
    `GET cloudscheduler.googleapis.com/v1/projects/${PROJECT}/locations/${REGION}/jobs/pictures-${fn}`,
  get job(): string {
    return at.jobOf('sweep');
  },
  model: (id: string) => `GET generativelanguage.googleapis.com/v1beta/models/${id}`,
  series: `GET monitoring.googleapis.com/v3/projects/${PROJECT}/timeSeries`,
  channels: `GET monitoring.googleapis.com/v3/projects/${PROJECT}/notificationChannels`,
  alerts: `GET monitoring.googleapis.com/v3/projects/${PROJECT}/alertPolicies`,
  budgets: `GET billingbudgets.googleapis.com/v1/billingAccounts/${BILLING}/budgets`,
};
