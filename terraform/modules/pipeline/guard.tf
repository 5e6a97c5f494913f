locals {
  # What every name and place is made of: another value recreates everything.
  made_as = { project = var.project, region = var.region, name = var.name }
}

# Remembers what the pipeline was made as, as long as it is protected.
resource "terraform_data" "made_as" {
  input            = local.made_as
  triggers_replace = var.deletion_protection ? null : local.made_as

  lifecycle {
    ignore_changes = [input]
  }
}

# Terraform destroys what depends on others first, and this depends on everything: where it refuses, nothing is gone yet. A
# test holds that no resource is missing below.
resource "terraform_data" "guard" {
  input            = { protected = var.deletion_protection }
  triggers_replace = local.made_as

  lifecycle {
    precondition {
      condition     = !var.deletion_protection || terraform_data.made_as.output == local.made_as
      error_message = "Another project, region or name recreates everything and leaves the results behind: it was ${try(join(", ", values(terraform_data.made_as.output)), "")}. Set it back; or start a second pipeline (another name and another state); or, where everything may go, apply deletion_protection = false first, with the old values."
    }
  }

  provisioner "local-exec" {
    when    = destroy
    quiet   = true
    command = self.output.protected ? "echo deletion_protection is true, so nothing is destroyed. First apply deletion_protection = false with nothing else changed. && exit 1" : "exit 0"
  }

  depends_on = [
    google_artifact_registry_repository.images,
    google_artifact_registry_repository_iam_member.build_pushes,
    google_billing_budget.monthly,
    google_cloud_run_service_iam_member.api_invoker,
    google_cloud_run_service_iam_member.schedule_invokes,
    google_cloud_run_service_iam_member.schedule_invokes_batch,
    google_cloud_run_service_iam_member.schedule_invokes_webhook,
    google_cloud_scheduler_job.batch,
    google_cloud_scheduler_job.sweep,
    google_cloud_scheduler_job.webhook,
    google_firebaserules_release.deny_all,
    google_firebaserules_ruleset.deny_all,
    google_firestore_backup_schedule.daily,
    google_firestore_database.results,
    google_firestore_field.expire_at,
    google_firestore_field.not_indexed,
    google_firestore_index.query,
    google_kms_crypto_key_iam_member.agent,
    google_logging_metric.counter,
    google_logging_metric.failed,
    google_logging_metric.measurement,
    google_logging_project_bucket_config.logs,
    google_monitoring_alert_policy.daily_spend,
    google_monitoring_alert_policy.error_rate,
    google_monitoring_alert_policy.event,
    google_monitoring_alert_policy.failing_pictures,
    google_monitoring_alert_policy.fewer_right,
    google_monitoring_alert_policy.threshold,
    google_monitoring_dashboard.pipeline,
    google_monitoring_notification_channel.email,
    google_project_iam_audit_config.data_access,
    google_project_iam_member.build,
    google_project_iam_member.database,
    google_project_iam_member.vertex,
    google_project_service.required,
    google_pubsub_subscription_iam_member.api_reads_dead_letters,
    google_pubsub_topic_iam_member.api_publishes,
    google_pubsub_topic_iam_member.budget_publishes,
    google_pubsub_topic_iam_member.analyze_wakes_batch,
    google_pubsub_topic_iam_member.batch_publishes,
    google_pubsub_topic_iam_member.stage_rings,
    google_pubsub_topic_iam_member.sweep_publishes,
    google_secret_manager_secret.this,
    google_secret_manager_secret_version.this,
    google_service_account.build,
    google_service_account.schedule,
    google_service_account_iam_member.api_signs,
    google_storage_bucket.this,
    google_storage_bucket_iam_member.build_reads,
    google_storage_bucket_iam_member.function,
    module.function,
    terraform_data.api_function,
    terraform_data.batch_function,
    terraform_data.made_as,
    terraform_data.sweep_function,
    terraform_data.webhook_function,
  ]
}
