locals {
  # What each secret is called, and the variable in which each function gets it.
  all_secrets = {
    gemini_api_key = {
      wanted  = local.has_key
      id      = "${var.name}-gemini-api-key"
      version = var.gemini.api_key_version
      holders = { "analyze-image" = "GEMINI_API_KEY", "batch" = "GEMINI_API_KEY" }
    }
    fallback_api_key = {
      wanted  = local.has_fallback && var.fallback.api_key_version != null
      id      = "${var.name}-fallback-api-key"
      version = var.fallback.api_key_version
      holders = { "analyze-image" = "FALLBACK_API_KEY" }
    }
    webhook = {
      wanted  = var.webhook.enabled
      id      = "${var.name}-webhook"
      version = var.webhook.secret_version
      holders = { "webhook" = "WEBHOOK_SECRET" }
    }
  }

  secrets = { for key, one in local.all_secrets : key => one if one.wanted }

  # What is switched off keeps its secret while it is protected, and so may be switched on again. Empty ones cost nothing.
  kept_secrets = { for key, one in local.all_secrets : key => one if one.wanted || var.deletion_protection }

  # By function, by name of the variable: the secret's version that it holds.
  secret_environment = {
    for function in toset(flatten([for one in local.secrets : keys(one.holders)])) : function => {
      for key, one in local.secrets : one.holders[function] => {
        # The short name: Cloud Functions refuses the full one.
        secret  = google_secret_manager_secret.this[key].secret_id
        version = google_secret_manager_secret_version.this[key].version
      } if contains(keys(one.holders), function)
    }
  }
}

resource "google_secret_manager_secret" "this" {
  for_each = local.kept_secrets

  project             = var.project
  secret_id           = each.value.id
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

# What is secret goes to Secret Manager only: neither plan nor state holds it. A higher version number adds a version.
resource "google_secret_manager_secret_version" "this" {
  for_each = local.secrets

  secret = google_secret_manager_secret.this[each.key].id
  secret_data_wo = {
    gemini_api_key   = var.gemini_api_key
    fallback_api_key = var.fallback_api_key
    webhook          = var.webhook_secret
  }[each.key]
  secret_data_wo_version = each.value.version

  # The revision that serves until the new one takes over still starts instances with the old version. docs/deploy.md
  # says how to disable it afterward.
  deletion_policy = "ABANDON"

  lifecycle {
    create_before_destroy = true
  }
}
