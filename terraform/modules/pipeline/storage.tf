locals {
  # What an upload address may be signed with: a browser asks first whether it may send these headers.
  upload_settings = ["profile", "profile-version", "uploader", "refresh", "webhook", "lane", "patience"]

  data_buckets = {
    uploads = {
      expire_days = { all = { days = var.retention_days.uploads, prefixes = [] } }
      origins     = var.allowed_origins
    }
    prepared = {
      # A rule cannot spare a prefix. Prepared pictures begin with the digits of their id, files of batch jobs with b;
      # labels begin with neither.
      expire_days = {
        pictures = { days = var.retention_days.prepared, prefixes = split("", "0123456789abcdef") }
        labels   = { days = var.retention_days.labels, prefixes = [local.label_pictures] }
      }
      origins = []
    }
    source = {
      expire_days = {}
      origins     = []
    }
  }
}

resource "google_storage_bucket" "this" {
  for_each = local.data_buckets

  project       = var.project
  name          = local.buckets[each.key]
  location      = var.region
  storage_class = "STANDARD"
  labels        = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  versioning {
    enabled = true
  }

  soft_delete_policy {
    retention_duration_seconds = var.retention_days.replaced * 86400
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = var.retention_days.replaced
      with_state                 = "ARCHIVED"
    }
  }

  dynamic "lifecycle_rule" {
    for_each = { for what, rule in each.value.expire_days : what => rule if rule.days > 0 }
    content {
      action {
        type = "Delete"
      }
      condition {
        age            = lifecycle_rule.value.days
        with_state     = "LIVE"
        matches_prefix = length(lifecycle_rule.value.prefixes) > 0 ? lifecycle_rule.value.prefixes : null
      }
    }
  }

  dynamic "cors" {
    for_each = length(each.value.origins) > 0 ? [each.value.origins] : []
    content {
      origin = cors.value
      method = ["GET", "PUT", "POST"]
      response_header = concat(
        ["Content-Type", "Content-MD5", "x-goog-content-length-range", "x-goog-if-generation-match", "x-goog-resumable"],
        [for setting in local.upload_settings : "x-goog-meta-${setting}"],
      )
      max_age_seconds = 3600
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key == null ? [] : [var.kms_key]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.required, google_kms_crypto_key_iam_member.agent]
}

# A function that writes where it reads calls itself for ever.
check "buckets_differ" {
  assert {
    condition     = length(distinct(values(local.buckets))) == length(local.buckets)
    error_message = "The buckets for uploads, prepared pictures and sources must be three different ones."
  }
}
