mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "google" {
  alias           = "billing"
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "archive" {
  source          = "./tests/mocks"
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
    condition     = length(google_secret_manager_secret.gemini_api_key) == 0 && length(google_secret_manager_secret_version.gemini_api_key) == 0
    error_message = "There is no secret to keep."
  }

  assert {
    condition     = google_project_iam_member.vertex["analyze-image"].role == "roles/aiplatform.user"
    error_message = "The function calls the model with its own account."
  }

  assert {
    condition     = contains(keys(google_project_service.required), "aiplatform.googleapis.com") && !contains(keys(google_project_service.required), "secretmanager.googleapis.com")
    error_message = "Only what is used is enabled."
  }
}
