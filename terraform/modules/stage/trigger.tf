locals {
  trigger = var.function.trigger
  pushed  = toset(local.trigger == null ? [] : ["push"])
  watched = toset(try(local.trigger.bucket, null) == null ? [] : ["bucket"])
  smoked  = toset(local.smoke_filter == null ? [] : ["smoke"])

  smoke_object = try(local.trigger.smoke_object, null)
  smoke_prefix = try(local.trigger.smoke_prefix, null)
  smoke_filter = (
    local.smoke_object != null ? "attributes.objectId = \"${local.smoke_object}\"" :
    local.smoke_prefix != null ? "hasPrefix(attributes.objectId, \"${local.smoke_prefix}\")" : null
  )
  usual_filter = (
    local.smoke_object != null ? "attributes.objectId != \"${local.smoke_object}\"" :
    local.smoke_prefix != null ? "NOT hasPrefix(attributes.objectId, \"${local.smoke_prefix}\")" : null
  )

  topic        = one([for topic in google_pubsub_topic.events : "projects/${var.project}/topics/${topic.name}"])
  push_account = one([for account in google_service_account.push : "${account.account_id}@${var.project}.iam.gserviceaccount.com"])

  url       = google_cloudfunctions2_function.this.service_config[0].uri
  retention = "${var.message_days * 86400}s"

  # Longer than the function may take, or Pub/Sub delivers what is still being worked on.
  ack_deadline_seconds = min(600, var.function.timeout_seconds + 30)
}

resource "google_pubsub_topic" "events" {
  for_each = local.pushed

  project                    = var.project
  name                       = local.trigger.topic
  labels                     = var.labels
  kms_key_name               = var.kms_key
  message_retention_duration = local.retention

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [var.ready]
}

# Cloud Storage publishes on this topic and no other.
resource "google_pubsub_topic_iam_member" "storage_publishes" {
  for_each = local.watched

  project = var.project
  topic   = google_pubsub_topic.events["push"].name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${var.bucket_service_agent}"
}

resource "google_storage_notification" "objects" {
  for_each = local.watched

  bucket         = local.trigger.bucket
  topic          = local.topic
  payload_format = "JSON_API_V1"
  event_types    = local.trigger.event_types

  # Cloud Storage checks that it may publish when the notification is made, and what is announced before there is a
  # subscription is heard by nobody. The function behind it takes minutes to build, after which the grant has spread.
  depends_on = [google_pubsub_topic_iam_member.storage_publishes, google_pubsub_subscription.push]
}

# An account whose only right is to call this function.
resource "google_service_account" "push" {
  for_each = local.pushed

  project      = var.project
  account_id   = "${var.prefix}-${var.function.name}-push"
  display_name = "${var.prefix}: calls ${var.function.name}"

  depends_on = [var.ready]
}

resource "google_cloud_run_service_iam_member" "push_invokes" {
  for_each = local.pushed

  project  = var.project
  location = var.region
  service  = google_cloudfunctions2_function.this.name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${local.push_account}"

  lifecycle {
    # A recreated function has a service without invokers.
    replace_triggered_by = [google_cloudfunctions2_function.this.id]
  }
}

# Pub/Sub signs the calls as that account.
resource "google_service_account_iam_member" "pubsub_signs" {
  for_each = local.pushed

  service_account_id = "projects/${var.project}/serviceAccounts/${local.push_account}"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = "serviceAccount:${var.pubsub_service_agent}"
}

resource "google_pubsub_subscription" "push" {
  for_each = local.pushed

  project                    = var.project
  name                       = local.trigger.topic
  topic                      = local.topic
  labels                     = var.labels
  ack_deadline_seconds       = local.ack_deadline_seconds
  message_retention_duration = local.retention
  retain_acked_messages      = false
  filter                     = local.usual_filter

  push_config {
    push_endpoint = local.url
    oidc_token {
      service_account_email = local.push_account
      audience              = local.url
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic = local.dead_letter_topic
    # Deliveries that find a crashed owner's lease still running count too.
    max_delivery_attempts = 20
  }

  # An idle subscription would be deleted after 31 days.
  expiration_policy {
    ttl = ""
  }

  lifecycle {
    # Pub/Sub changes no filter, so that another one would take a new subscription, and lose the messages that wait in
    # this one. docs/deploy.md, "Another filter", says how to get it.
    ignore_changes = [filter]
  }
}

# The smoke object's events go to the revision tagged `candidate`, which may have no traffic yet. Where there is no such
# revision, nothing uploads the object either.
resource "google_pubsub_subscription" "smoke" {
  for_each = local.smoked

  project                    = var.project
  name                       = "${local.trigger.topic}-smoke"
  topic                      = local.topic
  labels                     = var.labels
  ack_deadline_seconds       = local.ack_deadline_seconds
  message_retention_duration = "600s"
  filter                     = local.smoke_filter

  push_config {
    push_endpoint = replace(local.url, "https://", "https://candidate---")
    oidc_token {
      service_account_email = local.push_account
      audience              = local.url
    }
  }

  expiration_policy {
    ttl = ""
  }

  lifecycle {
    # Together with the one above: each message belongs to exactly one of the two.
    ignore_changes = [filter]
  }
}
