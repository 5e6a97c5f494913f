locals {
  dead_letter_topic = one([for topic in google_pubsub_topic.dead_letters : "projects/${var.project}/topics/${topic.name}"])
}

resource "google_pubsub_topic" "dead_letters" {
  for_each = local.pushed

  project      = var.project
  name         = "${local.trigger.topic}-dead-letters"
  labels       = var.labels
  kms_key_name = var.kms_key

  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [var.ready]
}

# Without a subscription a topic forgets what is published on it.
resource "google_pubsub_subscription" "dead_letters" {
  for_each = local.pushed

  project                    = var.project
  name                       = google_pubsub_topic.dead_letters["push"].name
  topic                      = local.dead_letter_topic
  labels                     = var.labels
  ack_deadline_seconds       = 60
  message_retention_duration = "${31 * 86400}s"

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub moves a message: it publishes it there and acknowledges it here.
resource "google_pubsub_topic_iam_member" "pubsub_publishes" {
  for_each = local.pushed

  project = var.project
  topic   = google_pubsub_topic.dead_letters["push"].name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:${var.pubsub_service_agent}"
}

resource "google_pubsub_subscription_iam_member" "pubsub_acknowledges" {
  for_each = local.pushed

  project      = var.project
  subscription = google_pubsub_subscription.push["push"].name
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:${var.pubsub_service_agent}"
}
