resource "google_service_account" "function" {
  project      = var.project
  account_id   = "${var.prefix}-${var.function.name}"
  display_name = "${var.prefix}: ${var.function.name}"
  description  = var.function.description

  depends_on = [var.ready]
}

locals {
  # Made from what is known before the apply, so that a plan tells who is granted what.
  account = "${google_service_account.function.account_id}@${var.project}.iam.gserviceaccount.com"
}

data "archive_file" "source" {
  type             = "zip"
  source_dir       = var.source_dir
  output_path      = "${var.source_dir}.zip"
  output_file_mode = "0644"
}

resource "google_storage_bucket_object" "source" {
  bucket = var.source_bucket
  # Named by its content: the same sources deploy nothing, others always do.
  name         = "${var.function.name}/${data.archive_file.source.output_sha256}.zip"
  source       = data.archive_file.source.output_path
  content_type = "application/zip"
}

# The accounts that build and run it are stated: what is left out falls to the default compute account, which may do
# nearly everything in a project.
resource "google_cloudfunctions2_function" "this" {
  project      = var.project
  location     = var.region
  name         = "${var.prefix}-${var.function.name}"
  description  = var.function.description
  labels       = var.labels
  kms_key_name = var.kms_key

  build_config {
    runtime           = "nodejs24"
    entry_point       = var.function.name
    service_account   = var.build_account
    docker_repository = var.image_repository

    source {
      storage_source {
        bucket     = google_storage_bucket_object.source.bucket
        object     = google_storage_bucket_object.source.name
        generation = google_storage_bucket_object.source.generation
      }
    }
  }

  # Everything is stated: what is removed here later would keep its old value.
  service_config {
    service_account_email            = local.account
    available_cpu                    = tostring(var.function.cpu)
    available_memory                 = "${var.function.memory_mb}Mi"
    max_instance_request_concurrency = var.function.concurrency
    min_instance_count               = var.function.min_instances
    max_instance_count               = var.function.max_instances
    timeout_seconds                  = var.function.timeout_seconds
    ingress_settings                 = var.function.ingress
    all_traffic_on_latest_revision   = !var.hold_traffic
    environment_variables            = var.environment

    dynamic "secret_environment_variables" {
      for_each = var.secret_environment
      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value.secret
        version    = secret_environment_variables.value.version
      }
    }
  }

  depends_on = [var.ready, google_secret_manager_secret_iam_member.reads]
}

resource "google_secret_manager_secret_iam_member" "reads" {
  for_each = var.secret_environment

  project   = var.project
  secret_id = each.value.secret
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${local.account}"
}
