locals {
  our_logs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.name}-\""

  # Counted log lines. A test holds that the functions write each of these events.
  counters = {
    prepared    = { event = "resize.done", description = "Pictures prepared." }
    completed   = { event = "analyze.done", description = "Pictures answered." }
    redelivered = { event = "event.redeliver", description = "Deliveries handed back to be made again." }
    invalid     = { event = "event.invalid", description = "Deliveries that were no event." }
  }

  # Failures of both functions, by code.
  failure_events = ["resize.failed", "analyze.failed"]

  # Numbers in the log line of an answered picture.
  measurements = {
    answer_ms = { field = "ms", unit = "ms", description = "Milliseconds of answering one picture.", growth = 1.5, buckets = 40, scale = 10 }
    cost_usd  = { field = "costUsd", unit = "USD", description = "What the model calls of one picture cost.", growth = 1.5, buckets = 40, scale = 0.00001 }
    tokens    = { field = "tokens", unit = "1", description = "Tokens of one picture, in and out.", growth = 1.5, buckets = 30, scale = 10 }
  }

  metric_prefix = "logging.googleapis.com/user"
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  project     = var.project
  name        = "${var.name}_${each.key}"
  description = each.value.description
  filter      = "${local.our_logs} AND jsonPayload.message=\"${each.value.event}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [google_project_service.required]
}

resource "google_logging_metric" "failed" {
  project     = var.project
  name        = "${var.name}_failed"
  description = "Failures by code; some are delivered again."
  filter      = "${local.our_logs} AND jsonPayload.message=(${join(" OR ", [for event in local.failure_events : "\"${event}\""])})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "code"
      value_type  = "STRING"
      description = "Code of the failure table."
    }
  }

  label_extractors = {
    code = "EXTRACT(jsonPayload.code)"
  }

  depends_on = [google_project_service.required]
}

resource "google_logging_metric" "measurement" {
  for_each = local.measurements

  project         = var.project
  name            = "${var.name}_${each.key}"
  description     = each.value.description
  filter          = "${local.our_logs} AND jsonPayload.message=\"analyze.done\" AND jsonPayload.${each.value.field}>=0"
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = each.value.buckets
      growth_factor      = each.value.growth
      scale              = each.value.scale
    }
  }

  depends_on = [google_project_service.required]
}
