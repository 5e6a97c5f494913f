# Named, so that it never is the one that another application of the project took.
resource "google_firestore_database" "results" {
  project                           = var.project
  name                              = local.database
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  app_engine_integration_mode       = "DISABLED"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  dynamic "cmek_config" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      kms_key_name = cmek_config.value
    }
  }

  depends_on = [google_project_service.required, google_kms_crypto_key_iam_member.agent]
}

resource "google_firestore_backup_schedule" "daily" {
  project   = var.project
  database  = google_firestore_database.results.name
  retention = "${var.retention_days.backups * 86400}s"

  daily_recurrence {}
}

# Time to live. The field is not queried, so it is not indexed: a growing time as index key would limit the write rate.
resource "google_firestore_field" "expire_at" {
  for_each = toset(["results", "answers", "labels", "audit", "batches", "spend", "shards", "idempotency", "submissions"])

  project    = var.project
  database   = google_firestore_database.results.name
  collection = each.value
  field      = "expireAt"

  index_config {}
  ttl_config {}
}

# Lists that nothing is looked up by: indexing their elements would cost more writes than the documents themselves.
resource "google_firestore_field" "not_indexed" {
  for_each = {
    results  = { collection = "results", field = "attempts" }
    evidence = { collection = "results", field = "model.evidence" }
    audit    = { collection = "audit", field = "records" }
  }

  project    = var.project
  database   = google_firestore_database.results.name
  collection = each.value.collection
  field      = each.value.field

  index_config {}
}

# The indexes that the code's queries need, no more and no fewer: `npm run build:terraform` derives them.
resource "google_firestore_index" "query" {
  for_each = {
    for index in local.code.indexes :
    join(".", concat([index.collectionGroup], [for field in index.fields : "${field.fieldPath}_${lower(field.order)}"])) => index
  }

  project     = var.project
  database    = google_firestore_database.results.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

# Browsers and phones get nothing: anyone who reads results does so through the api or with an account of the project.
resource "google_firebaserules_ruleset" "deny_all" {
  provider = google.with_quota_project

  project = var.project

  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  depends_on = [google_project_service.required]
}

resource "google_firebaserules_release" "deny_all" {
  provider = google.with_quota_project

  project      = var.project
  name         = "cloud.firestore/${google_firestore_database.results.name}"
  ruleset_name = google_firebaserules_ruleset.deny_all.name
}
