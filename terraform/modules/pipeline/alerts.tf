resource "google_monitoring_notification_channel" "email" {
  count = var.alert_email == null ? 0 : 1

  project      = var.project
  type         = "email"
  display_name = "${var.name}: alerts"
  labels       = { email_address = var.alert_email }
  user_labels  = local.labels

  # Otherwise Google refuses to delete it while alerts, which are changed afterward, still name it.
  force_delete = true

  depends_on = [google_project_service.required]
}

locals {
  notification_channels = google_monitoring_notification_channel.email[*].id

  dead_letter_filter = join(" OR ", [
    for key, topic in local.topics : "resource.labels.subscription_id=\"${topic}-dead-letters\""
  ])
  push_filter = join(" OR ", [for key, topic in local.topics : "resource.labels.subscription_id=\"${topic}\""])

  threshold_alerts = {
    dead_letters = {
      title     = "messages could not be delivered"
      severity  = "ERROR"
      filter    = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND (${local.dead_letter_filter})"
      aligner   = "ALIGN_MAX"
      threshold = 0
      duration  = "60s"
      advice    = "Look at them with the command of the output `dead_letters_command`, fix the cause, then put them back with `npx pipeline replay --dead-letters`."
    }
    oldest_message = {
      title     = "a message waits for over half an hour"
      severity  = "WARNING"
      filter    = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\" AND (${local.push_filter})"
      aligner   = "ALIGN_MAX"
      threshold = 1800
      duration  = "300s"
      advice    = "Either the quota of the model is the limit (see the dashboard, redeliveries) or a function keeps failing (see its logs)."
    }
    latency = {
      title     = "answering takes long"
      severity  = "WARNING"
      filter    = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-analyze-image\" AND metric.type=\"run.googleapis.com/request_latencies\""
      aligner   = "ALIGN_PERCENTILE_95"
      threshold = floor(local.flex_timeout_seconds * 1000 / 2)
      duration  = "900s"
      advice    = "Half of the function's time limit is used up. The model is slow or repeats calls: see the failures by code."
    }
  }

  # On metrics of the pipeline's own logs, counted over five minutes. In PromQL, since Google refuses a threshold on a
  # metric that was made less than about ten minutes ago.
  of_functions = "monitored_resource=\"cloud_run_revision\""
  event_alerts = {
    pause = {
      title    = "the pipeline has paused itself"
      severity = "ERROR"
      series   = "${local.metric.paused}{${local.of_functions}}"
      advice   = "The reason stands in the document control/pipeline and in the log line control.paused. Fix it, then lift the pause with `npx pipeline resume`."
    }
    access_refused = {
      title    = "one way to Gemini refuses access"
      severity = "ERROR"
      series   = "${local.metric.access_refused}{${local.of_functions}}"
      advice   = "The other one answers meanwhile; should it refuse too, the pipeline pauses. The log line credentials.refused names the backend and what it said: fix the key (docs/deploy.md, Changing the key) or the role roles/aiplatform.user; it is tried again every ${var.gemini.repair_pause_minutes} minutes."
    }
    fallback_failed = {
      title    = "the fallback does not answer"
      severity = "WARNING"
      series   = "${local.metric.fallback_failed}{${local.of_functions}}"
      advice   = "No model answers, and neither does the server of `fallback.url`; pictures wait as they would without it. The log line fallback.failed says why."
    }
    webhook_given_up = {
      title    = "a receiver of webhooks is not reached"
      severity = "WARNING"
      series   = "${local.metric.webhook_given_up}{${local.of_functions}}"
      advice   = "All attempts to announce a result failed; the result itself is there. The log line webhook.given-up names it and says why."
    }
    batch_failed = {
      title    = "batch jobs do not go on"
      severity = "WARNING"
      series   = "${local.metric.batch_failed}{${local.of_functions}}"
      advice   = "The log lines batch.failed and batch.not-created say why; `npx pipeline batches list` shows the jobs. Nothing is lost: each run tries again, and pictures go by another lane before their patience ends."
    }
    parked = {
      title    = "pictures are being set aside"
      severity = "WARNING"
      series   = "${local.metric.failed}{${local.of_functions},code=~\"PIPELINE_PAUSED|BUDGET_EXHAUSTED|MODEL_QUOTA_DAY|MODEL_CREDIT|MODEL_CREDENTIALS\"}"
      advice   = "The pipeline is paused, a budget or a daily quota is used up, or the credentials are refused. Each document says until when it waits; sweep then resumes it."
    }
  }
}

resource "google_monitoring_alert_policy" "threshold" {
  for_each = local.threshold_alerts

  project               = var.project
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = each.value.duration

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = each.value.aligner
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.required]
}

resource "google_monitoring_alert_policy" "event" {
  for_each = local.event_alerts

  project               = var.project
  display_name          = "${var.name}: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = each.value.title

    condition_prometheus_query_language {
      query                     = "sum(increase(${each.value.series}[5m])) > 0"
      duration                  = "0s"
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.required]
}

# 503 is how a function asks for another delivery, so a few are healthy; a third of all answers is not.
resource "google_monitoring_alert_policy" "error_rate" {
  project               = var.project
  display_name          = "${var.name}: many calls fail"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "over a third of a function's answers are 5xx"

    condition_threshold {
      filter             = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=starts_with(\"${var.name}-\") AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
      denominator_filter = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=starts_with(\"${var.name}-\") AND metric.type=\"run.googleapis.com/request_count\""
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.33
      duration           = "600s"

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.labels.service_name"]
      }
      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.labels.service_name"]
      }
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The failures by code are on the dashboard, their messages in the logs of the function. Nothing is lost: messages are delivered again and end in the dead letters."
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.required]
}

resource "google_monitoring_alert_policy" "daily_spend" {
  project               = var.project
  display_name          = "${var.name}: model calls cost over ${var.daily_spend_alert_usd} USD in a day"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "cost of 24 hours"

    condition_prometheus_query_language {
      query                     = "sum(increase(${local.metric.cost_usd}_sum{${local.of_functions}}[1d])) > ${var.daily_spend_alert_usd}"
      duration                  = "0s"
      evaluation_interval       = "300s"
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`npx pipeline cost` shows what was spent on what. `npx pipeline pause` stops further calls and lets pictures wait, `npx pipeline resume` lets them go on."
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.required]
}

# They were thresholds once.

moved {
  from = google_monitoring_alert_policy.threshold["pause"]
  to   = google_monitoring_alert_policy.event["pause"]
}

moved {
  from = google_monitoring_alert_policy.threshold["access_refused"]
  to   = google_monitoring_alert_policy.event["access_refused"]
}

moved {
  from = google_monitoring_alert_policy.threshold["fallback_failed"]
  to   = google_monitoring_alert_policy.event["fallback_failed"]
}

moved {
  from = google_monitoring_alert_policy.threshold["webhook_given_up"]
  to   = google_monitoring_alert_policy.event["webhook_given_up"]
}

moved {
  from = google_monitoring_alert_policy.threshold["parked"]
  to   = google_monitoring_alert_policy.event["parked"]
}

# People judge a share of the answers: a model that was changed, or another kind of pictures, shows here first.
resource "google_monitoring_alert_policy" "fewer_right" {
  project               = var.project
  display_name          = "${var.name}: fewer answers are right"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "under ${100 * var.least_right_share} % of at least 20 judged answers of a week"

    condition_prometheus_query_language {
      query = join(" ", [
        "sum(increase(${local.metric.judged}{${local.of_functions}}[1w])) >= 20",
        "and (sum(increase(${local.metric.judged_right}{${local.of_functions}}[1w])) or vector(0)) < ${var.least_right_share} * sum(increase(${local.metric.judged}{${local.of_functions}}[1w]))",
      ])
      duration                  = "0s"
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "`npx pipeline overview` has the share of every profile; the overview of the page by model, step and week. Look at what was corrected (the page, Review; `npx pipeline export --reviewed`), then change the profile and try it on those pictures before it is saved."
  }

  alert_strategy {
    auto_close = "604800s"
  }

  depends_on = [google_project_service.required]
}
