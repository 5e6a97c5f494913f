resource "google_secret_manager_secret" "gemini_api_key" {
  count = local.has_key ? 1 : 0

  project             = var.project
  secret_id           = "${var.name}-gemini-api-key"
  labels              = local.labels
  deletion_protection = var.deletion_protection

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key == null ? [] : [var.kms_key]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.required, google_kms_crypto_key_iam_member.agent]
}

# The key goes to Secret Manager only: neither plan nor state holds it. A higher version number adds a version.
resource "google_secret_manager_secret_version" "gemini_api_key" {
  count = local.has_key ? 1 : 0

  secret                 = google_secret_manager_secret.gemini_api_key[0].id
  secret_data_wo         = var.gemini_api_key
  secret_data_wo_version = var.gemini.api_key_version

  # The revision that serves until the new one takes over still starts instances with the old key. docs/deploy.md says
  # how to disable it afterwards.
  deletion_policy = "ABANDON"

  lifecycle {
    create_before_destroy = true
  }
}

resource "google_secret_manager_secret" "webhook" {
  count = var.webhook.enabled ? 1 : 0

  project             = var.project
  secret_id           = "${var.name}-webhook"
  labels              = local.labels
  deletion_protection = var.deletion_protection

  replication {
    user_managed {
      replicas {
        location = var.region

        dynamic "customer_managed_encryption" {
          for_each = var.kms_key == null ? [] : [var.kms_key]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.required, google_kms_crypto_key_iam_member.agent]
}

# What receivers check the signatures with; kept as the key is.
resource "google_secret_manager_secret_version" "webhook" {
  count = var.webhook.enabled ? 1 : 0

  secret                 = google_secret_manager_secret.webhook[0].id
  secret_data_wo         = var.webhook_secret
  secret_data_wo_version = var.webhook.secret_version

  # The revision that serves until the new one takes over still starts instances with the old key. docs/deploy.md says
  # how to disable it afterwards.
  deletion_policy = "ABANDON"

  lifecycle {
    create_before_destroy = true
  }
}
