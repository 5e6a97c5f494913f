# The account that builds the functions' images: it reads sources, writes images and logs, and can do nothing else.
resource "google_service_account" "build" {
  project      = var.project
  account_id   = "${var.name}-build"
  display_name = "${var.name}: builds the functions"

  depends_on = [google_project_service.required]
}

locals {
  build_account = "${google_service_account.build.account_id}@${var.project}.iam.gserviceaccount.com"

  # Cloud Functions copies the sources into a bucket of its own before it builds them.
  build_grants = {
    "roles/logging.logWriter"    = null
    "roles/storage.objectViewer" = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${local.project_number}-${var.region}\")"
  }

  # What each function's own account may do with each bucket.
  bucket_grants = {
    "resize-image reads uploads"               = { function = "resize-image", bucket = "uploads", role = "roles/storage.objectViewer" }
    "resize-image writes and deletes prepared" = { function = "resize-image", bucket = "prepared", role = "roles/storage.objectUser" }
    "analyze-image reads prepared"             = { function = "analyze-image", bucket = "prepared", role = "roles/storage.objectViewer" }
    "batch reads and writes prepared"          = { function = "batch", bucket = "prepared", role = "roles/storage.objectUser" }
    "sweep looks for uploads"                  = { function = "sweep", bucket = "uploads", role = "roles/storage.objectViewer" }
    "sweep looks for prepared"                 = { function = "sweep", bucket = "prepared", role = "roles/storage.objectViewer" }
    "api writes and deletes uploads"           = { function = "api", bucket = "uploads", role = "roles/storage.objectUser" }
    "api reads prepared"                       = { function = "api", bucket = "prepared", role = "roles/storage.objectViewer" }
    "api keeps pictures of labels"             = { function = "api", bucket = "prepared", role = "roles/storage.objectUser", prefix = "labels/" }
  }
}

resource "google_project_iam_member" "build" {
  for_each = local.build_grants

  project = var.project
  role    = each.key
  member  = "serviceAccount:${local.build_account}"

  dynamic "condition" {
    for_each = each.value == null ? [] : [each.value]
    content {
      title      = "sources_of_functions"
      expression = condition.value
    }
  }
}

resource "google_artifact_registry_repository_iam_member" "build_pushes" {
  project    = var.project
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${local.build_account}"
}

resource "google_storage_bucket_iam_member" "build_reads" {
  bucket = google_storage_bucket.this["source"].name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${local.build_account}"
}

resource "google_storage_bucket_iam_member" "function" {
  for_each = local.bucket_grants

  bucket = google_storage_bucket.this[each.value.bucket].name
  role   = each.value.role
  member = module.function[each.value.function].account

  dynamic "condition" {
    for_each = can(each.value.prefix) ? [each.value.prefix] : []
    content {
      title      = "only_${trimsuffix(condition.value, "/")}"
      expression = "resource.name.startsWith(\"projects/_/buckets/${local.buckets[each.value.bucket]}/objects/${condition.value}\")"
    }
  }
}

# Firestore knows no grants on a database or a collection: the condition keeps the accounts to this database.
resource "google_project_iam_member" "database" {
  for_each = local.functions

  project = var.project
  role    = "roles/datastore.user"
  member  = module.function[each.key].account

  condition {
    title      = "only_${replace(local.database, "-", "_")}"
    expression = "resource.name == \"${local.database_id}\""
  }
}

# What is stuck is put back on the topic that it came from.
resource "google_pubsub_topic_iam_member" "sweep_publishes" {
  for_each = toset(["resize-image", "analyze-image"])

  project = var.project
  topic   = module.function[each.key].topic
  role    = "roles/pubsub.publisher"
  member  = module.function["sweep"].account
}

# A replay puts an image back on the topic that it came from.
resource "google_pubsub_topic_iam_member" "api_publishes" {
  for_each = toset(["resize-image", "analyze-image"])

  project = var.project
  topic   = module.function[each.key].topic
  role    = "roles/pubsub.publisher"
  member  = module.function["api"].account
}

# Shows the dead letters and takes off the queue what it replays.
resource "google_pubsub_subscription_iam_member" "api_reads_dead_letters" {
  for_each = toset(["resize-image", "analyze-image"])

  project      = var.project
  subscription = module.function[each.key].dead_letters
  role         = "roles/pubsub.subscriber"
  member       = module.function["api"].account
}

# What no batch answered goes back to the stage that asks by other lanes.
resource "google_pubsub_topic_iam_member" "batch_publishes" {
  for_each = toset(["analyze-image"])

  project = var.project
  topic   = module.function[each.key].topic
  role    = "roles/pubsub.publisher"
  member  = module.function["batch"].account
}

# Enough pictures wait for a batch.
resource "google_pubsub_topic_iam_member" "analyze_wakes_batch" {
  for_each = toset(["analyze-image"])

  project = var.project
  topic   = module.function["batch"].topic
  role    = "roles/pubsub.publisher"
  member  = module.function[each.key].account
}

# Every function that ends a picture rings.
resource "google_pubsub_topic_iam_member" "stage_rings" {
  for_each = toset(var.webhook.enabled ? ["resize-image", "analyze-image", "batch"] : [])

  project = var.project
  topic   = module.function["webhook"].topic
  role    = "roles/pubsub.publisher"
  member  = module.function[each.key].account
}

# Signs upload addresses with its own account, which needs no key that way.
resource "google_service_account_iam_member" "api_signs" {
  service_account_id = module.function["api"].account_id
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = module.function["api"].account
}

resource "google_project_iam_member" "vertex" {
  for_each = toset(local.has_vertex ? ["analyze-image", "batch"] : [])

  project = var.project
  role    = "roles/aiplatform.user"
  member  = module.function[each.key].account
}
