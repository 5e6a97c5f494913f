# An account whose only right is to call what runs by the clock.
resource "google_service_account" "schedule" {
  project      = var.project
  account_id   = "${var.name}-schedule"
  display_name = "${var.name}: calls sweep, batch and webhook"

  depends_on = [google_project_service.required]
}

locals {
  schedule_account = "${google_service_account.schedule.account_id}@${var.project}.iam.gserviceaccount.com"
}

resource "google_cloud_run_service_iam_member" "schedule_invokes" {
  project  = var.project
  location = var.region
  service  = module.function["sweep"].service
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.schedule_account}"

  lifecycle {
    replace_triggered_by = [terraform_data.sweep_function]
  }
}

resource "terraform_data" "sweep_function" {
  triggers_replace = module.function["sweep"].uid
}

resource "google_cloud_scheduler_job" "sweep" {
  project          = var.project
  region           = var.region
  name             = "${var.name}-sweep"
  description      = "Resumes images that are stuck or were set aside."
  schedule         = "*/5 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.functions["sweep"].timeout_seconds + 30}s"

  # The next run comes soon enough.
  retry_config {
    retry_count = 1
  }

  http_target {
    uri         = module.function["sweep"].url
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = local.schedule_account
      audience              = module.function["sweep"].url
    }
  }
}

# Jobs are looked at, and begun for what has waited long enough.
resource "google_cloud_run_service_iam_member" "schedule_invokes_batch" {
  project  = var.project
  location = var.region
  service  = module.function["batch"].service
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.schedule_account}"

  lifecycle {
    replace_triggered_by = [terraform_data.batch_function]
  }
}

resource "terraform_data" "batch_function" {
  triggers_replace = module.function["batch"].uid
}

resource "google_cloud_scheduler_job" "batch" {
  project          = var.project
  region           = var.region
  name             = "${var.name}-batch"
  description      = "Begins, looks after and settles batch jobs."
  schedule         = "*/5 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.functions["batch"].timeout_seconds + 30}s"

  http_target {
    uri         = module.function["batch"].url
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = local.schedule_account
      audience              = module.function["batch"].url
    }
  }
}

# A webhook whose message was lost or whose receiver was away is due again at a time that its result names.
resource "google_cloud_run_service_iam_member" "schedule_invokes_webhook" {
  for_each = local.webhooks

  project  = var.project
  location = var.region
  service  = module.function["webhook"].service
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.schedule_account}"

  lifecycle {
    replace_triggered_by = [terraform_data.webhook_function]
  }
}

resource "terraform_data" "webhook_function" {
  for_each = local.webhooks

  triggers_replace = module.function["webhook"].uid
}

resource "google_cloud_scheduler_job" "webhook" {
  for_each = local.webhooks

  project          = var.project
  region           = var.region
  name             = "${var.name}-webhook"
  description      = "Delivers the webhooks that are due."
  schedule         = "* * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.all_functions["webhook"].timeout_seconds + 30}s"

  http_target {
    uri         = module.function["webhook"].url
    http_method = "POST"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = local.schedule_account
      audience              = module.function["webhook"].url
    }
  }
}
