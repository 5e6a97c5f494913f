locals {
  # As PromQL writes them (https://cloud.google.com/monitoring/promql/promql-mapping).
  metric = {
    for key, metric in merge(google_logging_metric.counter, google_logging_metric.measurement, { failed = google_logging_metric.failed }) :
    key => "logging_googleapis_com:user_${replace(metric.name, "-", "_")}"
  }

  # Title, unit, and one PromQL query per line.
  charts = [
    {
      title = "Success rate: answered / (answered + failures, those that are delivered again included)"
      lines = [
        "sum(increase(${local.metric.completed}[10m])) / (sum(increase(${local.metric.completed}[10m])) + sum(increase(${local.metric.failed}[10m])))",
      ]
    },
    {
      title = "Answering, p50 and p95, milliseconds"
      lines = [
        "histogram_quantile(0.50, sum by (le) (increase(${local.metric.answer_ms}_bucket[10m])))",
        "histogram_quantile(0.95, sum by (le) (increase(${local.metric.answer_ms}_bucket[10m])))",
      ]
    },
    {
      title = "Cost of 1000 images, USD"
      lines = [
        "1000 * sum(increase(${local.metric.cost_usd}_sum[1h])) / sum(increase(${local.metric.completed}[1h]))",
      ]
    },
    {
      title = "Tokens per minute: sent, answered"
      lines = [
        "60 * sum(rate(${local.metric.tokens_in}_sum[10m]))",
        "60 * sum(rate(${local.metric.tokens_out}_sum[10m]))",
      ]
    },
    {
      title = "Pictures per minute: prepared, answered, delivered again"
      lines = [
        "60 * sum(rate(${local.metric.prepared}[10m]))",
        "60 * sum(rate(${local.metric.completed}[10m]))",
        "60 * sum(rate(${local.metric.redelivered}[10m]))",
      ]
    },
    {
      title = "Failures by code, per hour"
      lines = ["sum by (code) (increase(${local.metric.failed}[1h]))"]
    },
    {
      title = "Per hour: refusals of access by one way to Gemini, failures of the fallback, receivers given up, failures of sweep, runaways, deliveries that are no event"
      lines = [for key in ["access_refused", "fallback_failed", "webhook_given_up", "sweep_failed", "runaway", "invalid"] : "sum(increase(${local.metric[key]}[1h]))"]
    },
    {
      title = "Messages that wait, by subscription"
      lines = ["max by (subscription_id) (pubsub_googleapis_com:subscription_num_undelivered_messages{subscription_id=~\"${var.name}-.*\"})"]
    },
    {
      title = "Instances, by function"
      lines = ["sum by (service_name) (run_googleapis_com:container_instance_count{service_name=~\"${var.name}-.*\"})"]
    },
  ]
}

resource "google_monitoring_dashboard" "pipeline" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = var.name
    labels      = { "gemini-image-pipeline" = "" }
    mosaicLayout = {
      columns = 48
      tiles = [
        # Google leaves out zeros, and what it leaves out would differ in every plan.
        for i, chart in local.charts : merge({ for key, at in { xPos = (i % 2) * 24, yPos = floor(i / 2) * 16 } : key => at if at > 0 }, {
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [
                for query in chart.lines : {
                  plotType        = "LINE"
                  targetAxis      = "Y1"
                  timeSeriesQuery = { prometheusQuery = query }
                }
              ]
            }
          }
        })
      ]
    }
  })

  depends_on = [google_project_service.required]
}
