locals {
  our_logs = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.name}-\""

  # Counted log lines. A test holds that the functions write each of these events, and that each warning or error they
  # write is counted here or left out for a reason.
  counters = {
    prepared         = { events = ["resize.done"], description = "Pictures prepared." }
    completed        = { events = ["analyze.done", "analyze.repeated"], description = "Pictures answered, by a model or by an earlier answer." }
    redelivered      = { events = ["event.redeliver", "budget.redeliver"], description = "Deliveries handed back to be made again." }
    invalid          = { events = ["event.invalid", "budget.invalid"], description = "Deliveries that were no event." }
    paused           = { events = ["control.paused"], description = "Pauses of the whole pipeline.", only = "jsonPayload.path=\"control/pipeline\"" }
    runaway          = { events = ["pipeline.runaway"], description = "Pictures executed over and over." }
    access_refused   = { events = ["credentials.refused"], description = "Times that one way to Gemini refused access and the other one took over." }
    fallback_failed  = { events = ["fallback.failed"], description = "Pictures that neither a model nor the fallback answered." }
    webhook_given_up = { events = ["webhook.given-up"], description = "Results whose receiver was never reached." }
    batch_failed     = { events = ["batch.failed", "batch.broke", "batch.not-created"], description = "Batch jobs, or whole runs, that could not be gone on with." }
    judged           = { events = ["feedback.given"], description = "Answers that people judged." }
    judged_right     = { events = ["feedback.given"], description = "Answers that people judged to be right.", only = "jsonPayload.verdict=\"right\"" }
    sweep_failed     = { events = ["sweep.failed", "schedule.failed"], description = "Images, or whole runs, that the schedule could not see to." }
  }

  # Failures of both functions, by code.
  failure_events = ["resize.failed", "analyze.failed"]

  # Numbers in log lines: of an answered picture, and of each model call.
  measurements = {
    answer_ms  = { event = "analyze.done", field = "ms", unit = "ms", description = "Milliseconds of answering one picture.", scale = 10 }
    cost_usd   = { event = "audit", field = "costUsd", unit = "USD", description = "What one model call cost.", scale = 0.00001 }
    tokens_in  = { event = "audit", field = "tokens.prompt", unit = "1", description = "Tokens sent with one model call.", scale = 10 }
    tokens_out = { event = "audit", field = "tokens.output", unit = "1", description = "Tokens answered by one model call.", scale = 1 }
  }
}

resource "google_logging_metric" "counter" {
  for_each = local.counters

  project     = var.project
  name        = "${var.name}_${each.key}"
  description = each.value.description
  filter      = "${local.our_logs} AND jsonPayload.message=(${join(" OR ", [for event in each.value.events : "\"${event}\""])})${try(" AND ${each.value.only}", "")}"

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
  filter          = "${local.our_logs} AND jsonPayload.message=\"${each.value.event}\" AND jsonPayload.${each.value.field}>=0"
  value_extractor = "EXTRACT(jsonPayload.${each.value.field})"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = each.value.unit
  }

  bucket_options {
    exponential_buckets {
      num_finite_buckets = 40
      growth_factor      = 1.5
      scale              = each.value.scale
    }
  }

  depends_on = [google_project_service.required]
}
