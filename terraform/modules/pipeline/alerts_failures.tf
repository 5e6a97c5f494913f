locals {
  failed_series    = "${local.metric.failed}{${local.of_functions},code=~\"${join("|", local.code.alarmingFailures)}\"}"
  completed_series = "${local.metric.completed}{${local.of_functions}}"
}

# A model that is gone, a refused request or a broken schema ends pictures one by one without a function failing. One odd
# picture a day is none of this: two of a code within half an hour, and a twentieth of all that ended.
resource "google_monitoring_alert_policy" "failing_pictures" {
  project               = var.project
  display_name          = "${var.name}: pictures end without an answer"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = local.notification_channels
  user_labels           = local.labels

  conditions {
    display_name = "share of a failure code"

    condition_prometheus_query_language {
      query = join(" ", [
        "sum by (code) (increase(${local.failed_series}[30m])) >= 2",
        "and sum by (code) (increase(${local.failed_series}[30m])) > 0.05 * scalar(sum(increase(${local.failed_series}[30m])) + (sum(increase(${local.completed_series}[30m])) or vector(0)))",
      ])
      duration                  = "0s"
      evaluation_interval       = "60s"
      disable_metric_validation = true
    }
  }

  documentation {
    mime_type = "text/markdown"
    content   = "The label `code` says why: `npx pipeline overview` has the share of every code and what to do about it, README.md the whole table. After the fix, `npx pipeline replay --failed CODE` sends the pictures again; those that wait for a model that is gone go on after `npx pipeline resume`."
  }

  alert_strategy {
    auto_close = "86400s"
  }

  depends_on = [google_project_service.required]
}
