# Up to version 0.1.0 everything lay in this folder: who has applied that keeps what is there.

moved {
  from = google_service_account.build
  to   = module.pipeline.google_service_account.build
}

moved {
  from = google_project_iam_member.build
  to   = module.pipeline.google_project_iam_member.build
}

moved {
  from = google_artifact_registry_repository_iam_member.build_pushes
  to   = module.pipeline.google_artifact_registry_repository_iam_member.build_pushes
}

moved {
  from = google_storage_bucket_iam_member.build_reads
  to   = module.pipeline.google_storage_bucket_iam_member.build_reads
}

moved {
  from = google_storage_bucket_iam_member.function
  to   = module.pipeline.google_storage_bucket_iam_member.function
}

moved {
  from = google_project_iam_member.database
  to   = module.pipeline.google_project_iam_member.database
}

moved {
  from = google_pubsub_topic_iam_member.sweep_publishes
  to   = module.pipeline.google_pubsub_topic_iam_member.sweep_publishes
}

moved {
  from = google_pubsub_topic_iam_member.api_publishes
  to   = module.pipeline.google_pubsub_topic_iam_member.api_publishes
}

moved {
  from = google_pubsub_subscription_iam_member.api_reads_dead_letters
  to   = module.pipeline.google_pubsub_subscription_iam_member.api_reads_dead_letters
}

moved {
  from = google_pubsub_topic_iam_member.stage_rings
  to   = module.pipeline.google_pubsub_topic_iam_member.stage_rings
}

moved {
  from = google_service_account_iam_member.api_signs
  to   = module.pipeline.google_service_account_iam_member.api_signs
}

moved {
  from = google_project_iam_member.vertex
  to   = module.pipeline.google_project_iam_member.vertex
}

moved {
  from = google_monitoring_notification_channel.email
  to   = module.pipeline.google_monitoring_notification_channel.email
}

moved {
  from = google_monitoring_alert_policy.threshold
  to   = module.pipeline.google_monitoring_alert_policy.threshold
}

moved {
  from = google_monitoring_alert_policy.event
  to   = module.pipeline.google_monitoring_alert_policy.event
}

moved {
  from = google_monitoring_alert_policy.error_rate
  to   = module.pipeline.google_monitoring_alert_policy.error_rate
}

moved {
  from = google_monitoring_alert_policy.daily_spend
  to   = module.pipeline.google_monitoring_alert_policy.daily_spend
}

moved {
  from = google_project_service.required
  to   = module.pipeline.google_project_service.required
}

moved {
  from = google_project_iam_audit_config.data_access
  to   = module.pipeline.google_project_iam_audit_config.data_access
}

moved {
  from = google_billing_budget.monthly
  to   = module.pipeline.google_billing_budget.monthly
}

moved {
  from = google_monitoring_dashboard.pipeline
  to   = module.pipeline.google_monitoring_dashboard.pipeline
}

moved {
  from = google_kms_crypto_key_iam_member.agent
  to   = module.pipeline.google_kms_crypto_key_iam_member.agent
}

moved {
  from = google_firestore_database.results
  to   = module.pipeline.google_firestore_database.results
}

moved {
  from = google_firestore_backup_schedule.daily
  to   = module.pipeline.google_firestore_backup_schedule.daily
}

moved {
  from = google_firestore_field.expire_at
  to   = module.pipeline.google_firestore_field.expire_at
}

moved {
  from = google_firestore_field.not_indexed
  to   = module.pipeline.google_firestore_field.not_indexed
}

moved {
  from = google_firestore_index.query
  to   = module.pipeline.google_firestore_index.query
}

moved {
  from = google_firebaserules_ruleset.deny_all
  to   = module.pipeline.google_firebaserules_ruleset.deny_all
}

moved {
  from = google_firebaserules_release.deny_all
  to   = module.pipeline.google_firebaserules_release.deny_all
}

moved {
  from = module.function
  to   = module.pipeline.module.function
}

moved {
  from = google_cloud_run_service_iam_member.api_invoker
  to   = module.pipeline.google_cloud_run_service_iam_member.api_invoker
}

moved {
  from = terraform_data.api_function
  to   = module.pipeline.terraform_data.api_function
}

moved {
  from = google_artifact_registry_repository.images
  to   = module.pipeline.google_artifact_registry_repository.images
}

moved {
  from = google_logging_metric.counter
  to   = module.pipeline.google_logging_metric.counter
}

moved {
  from = google_logging_metric.failed
  to   = module.pipeline.google_logging_metric.failed
}

moved {
  from = google_logging_metric.measurement
  to   = module.pipeline.google_logging_metric.measurement
}

moved {
  from = google_service_account.schedule
  to   = module.pipeline.google_service_account.schedule
}

moved {
  from = google_cloud_run_service_iam_member.schedule_invokes
  to   = module.pipeline.google_cloud_run_service_iam_member.schedule_invokes
}

moved {
  from = terraform_data.sweep_function
  to   = module.pipeline.terraform_data.sweep_function
}

moved {
  from = google_cloud_scheduler_job.sweep
  to   = module.pipeline.google_cloud_scheduler_job.sweep
}

moved {
  from = google_cloud_run_service_iam_member.schedule_invokes_webhook
  to   = module.pipeline.google_cloud_run_service_iam_member.schedule_invokes_webhook
}

moved {
  from = terraform_data.webhook_function
  to   = module.pipeline.terraform_data.webhook_function
}

moved {
  from = google_cloud_scheduler_job.webhook
  to   = module.pipeline.google_cloud_scheduler_job.webhook
}

moved {
  from = google_secret_manager_secret.this
  to   = module.pipeline.google_secret_manager_secret.this
}

moved {
  from = google_secret_manager_secret_version.this
  to   = module.pipeline.google_secret_manager_secret_version.this
}

moved {
  from = google_storage_bucket.this
  to   = module.pipeline.google_storage_bucket.this
}

moved {
  from = google_pubsub_topic_iam_member.budget_publishes
  to   = module.pipeline.google_pubsub_topic_iam_member.budget_publishes
}

moved {
  from = google_logging_project_bucket_config.logs
  to   = module.pipeline.google_logging_project_bucket_config.logs
}

# It was set in every project once. What was set then stays.
removed {
  from = google_logging_project_bucket_config.default

  lifecycle {
    destroy = false
  }
}
