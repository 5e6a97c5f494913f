mock_provider "google" {
  source          = "./testing/mocks"
  override_during = plan
}

mock_provider "google" {
  alias           = "with_quota_project"
  source          = "./testing/mocks"
  override_during = plan
}

mock_provider "archive" {
  source          = "./testing/mocks"
  override_during = plan
}


variables {
  project  = "my-project-123"
  dist_dir = "./.terraform/built"
  gemini   = { backend = "vertex", location = "global" }
}

run "vertex_needs_no_key" {
  command = plan

  assert {
    condition     = length(google_secret_manager_secret_version.this) == 0 && length(local.secret_environment) == 0
    error_message = "No secret is stored, and no function reads one."
  }

  assert {
    condition     = google_project_iam_member.vertex["analyze-image"].role == "roles/aiplatform.user"
    error_message = "The function calls the model with its own account."
  }

  assert {
    condition     = contains(keys(google_project_service.required), "aiplatform.googleapis.com") && !contains(keys(google_project_service.required), "generativelanguage.googleapis.com")
    error_message = "Only what is used is enabled."
  }
}

run "vertex_without_protection_has_no_secrets" {
  command = plan
  variables {
    deletion_protection = false
  }

  assert {
    condition     = length(google_secret_manager_secret.this) == 0 && !contains(keys(google_project_service.required), "secretmanager.googleapis.com")
    error_message = "Only what is used is made."
  }
}

run "vertex_with_webhooks_keeps_their_secret" {
  command = plan
  variables {
    deletion_protection = false
    webhook             = { enabled = true }
    webhook_secret      = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
  }

  assert {
    condition     = contains(keys(google_project_service.required), "secretmanager.googleapis.com")
    error_message = "Any secret needs Secret Manager."
  }
}

run "the_gemini_api_steps_in_for_vertex_where_failover_is_on" {
  command = plan
  variables {
    gemini         = { backend = "vertex", failover = true }
    gemini_api_key = "a-key"
  }

  assert {
    condition = (
      local.environment["analyze-image"].GEMINI_BACKEND == "vertex" && local.environment["analyze-image"].VERTEX_FAILOVER == "false" &&
      contains(keys(local.secret_environment["analyze-image"]), "GEMINI_API_KEY")
    )
    error_message = "Vertex AI answers first; the key is there for when it refuses access."
  }
}

run "the_gemini_api_cannot_step_in_without_a_key" {
  command = plan
  variables {
    gemini = { backend = "vertex", failover = true }
  }
  expect_failures = [var.gemini_api_key]
}
