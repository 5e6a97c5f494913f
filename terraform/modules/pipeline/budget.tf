# A late signal (hours), never a cap: the cap is the daily budget in the functions' code.
resource "google_billing_budget" "monthly" {
  count    = local.has_budget ? 1 : 0
  provider = google.with_quota_project

  billing_account = var.billing_account
  display_name    = "${var.name} in ${var.project}"

  budget_filter {
    # By number: a filter by id shows a difference in every plan.
    projects               = ["projects/${local.project_number}"]
    calendar_period        = "MONTH"
    credit_types_treatment = "EXCLUDE_ALL_CREDITS"
  }

  amount {
    specified_amount {
      units         = tostring(var.budget.amount)
      currency_code = var.budget.currency
    }
  }

  dynamic "threshold_rules" {
    for_each = var.budget.current
    content {
      threshold_percent = threshold_rules.value
      spend_basis       = "CURRENT_SPEND"
    }
  }

  dynamic "threshold_rules" {
    for_each = var.budget.forecast
    content {
      threshold_percent = threshold_rules.value
      spend_basis       = "FORECASTED_SPEND"
    }
  }

  all_updates_rule {
    pubsub_topic                     = module.function["budget-alert"].topic
    schema_version                   = "1.0"
    monitoring_notification_channels = local.notification_channels
    enable_project_level_recipients  = true
    disable_default_iam_recipients   = false
  }

  depends_on = [google_project_service.required]
}

# Google grants this only when a budget is made, so a topic that is made later would never hear of it.
resource "google_pubsub_topic_iam_member" "budget_publishes" {
  count = local.has_budget ? 1 : 0

  project = var.project
  topic   = module.function["budget-alert"].topic
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:billing-budget-alert@system.gserviceaccount.com"
}
