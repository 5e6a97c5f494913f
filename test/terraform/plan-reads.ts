const IAM_OF_PROJECT = ['resourcemanager.projects.getIamPolicy'];

/** What the provider asks of Google's APIs to compare a resource of a kind with the state. */
export const PLAN_READS: Readonly<Record<string, readonly string[]>> = {
  google_artifact_registry_repository: ['artifactregistry.repositories.get'],
  google_artifact_registry_repository_iam_member: ['artifactregistry.repositories.getIamPolicy'],
  // Granted on the billing account, which is above any role of a project.
  google_billing_budget: [],
  google_cloud_run_service_iam_member: ['run.services.getIamPolicy'],
  google_cloud_scheduler_job: ['cloudscheduler.jobs.get'],
  google_cloudfunctions2_function: ['cloudfunctions.functions.get'],
  google_firebaserules_release: ['firebaserules.releases.get'],
  google_firebaserules_ruleset: ['firebaserules.rulesets.get'],
  google_firestore_backup_schedule: ['datastore.backupSchedules.get'],
  google_firestore_database: ['datastore.databases.getMetadata'],
  google_firestore_field: ['datastore.indexes.get'],
  google_firestore_index: ['datastore.indexes.get'],
  google_kms_crypto_key_iam_member: ['cloudkms.cryptoKeys.getIamPolicy'],
  google_logging_metric: ['logging.logMetrics.get'],
  google_logging_project_bucket_config: ['logging.buckets.get'],
  google_monitoring_alert_policy: ['monitoring.alertPolicies.get'],
  google_monitoring_dashboard: ['monitoring.dashboards.get'],
  google_monitoring_notification_channel: ['monitoring.notificationChannels.get'],
  google_project: ['resourcemanager.projects.get'],
  google_project_iam_audit_config: IAM_OF_PROJECT,
  google_project_iam_member: IAM_OF_PROJECT,
  google_project_service: ['serviceusage.services.get', 'serviceusage.services.list'],
  google_pubsub_subscription: ['pubsub.subscriptions.get'],
  google_pubsub_subscription_iam_member: ['pubsub.subscriptions.getIamPolicy'],
  google_pubsub_topic: ['pubsub.topics.get'],
  google_pubsub_topic_iam_member: ['pubsub.topics.getIamPolicy'],
  google_secret_manager_secret: ['secretmanager.secrets.get'],
  google_secret_manager_secret_iam_member: ['secretmanager.secrets.getIamPolicy'],
  // Of a write-only value the provider reads that it exists, never the value.
  google_secret_manager_secret_version: ['secretmanager.versions.get'],
  google_service_account: ['iam.serviceAccounts.get'],
  google_service_account_iam_member: ['iam.serviceAccounts.getIamPolicy'],
  google_storage_bucket: ['storage.buckets.get', 'resourcemanager.projects.get'],
  google_storage_bucket_iam_member: ['storage.buckets.getIamPolicy'],
  // Granted on the bucket of the sources alone: in a role of the project it would open the pictures.
  google_storage_bucket_object: [],
  google_storage_notification: ['storage.buckets.get'],
  google_storage_project_service_account: ['resourcemanager.projects.get'],
};
