mock_provider "google" {
  source = "./testing/mocks"
}

mock_provider "google" {
  alias  = "with_quota_project"
  source = "./testing/mocks"
}

mock_provider "archive" {
  source = "./testing/mocks"
}


variables {
  project          = "my-project-123"
  dist_dir         = "./.terraform/built"
  gemini_api_key   = "a-key"
  fallback_api_key = "a-key-of-the-reader"
  webhook_secret   = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
  billing_account  = "0123AB-4567CD-89EF01"
  alert_email      = "ops@example.com"
  api_invokers     = ["group:shelf-team@example.com"]
}

run "the_whole_pipeline_is_made" {
  command = apply

  assert {
    condition     = toset(keys(output.services)) == toset(["resize-image", "analyze-image", "api", "sweep", "batch", "budget-alert"])
    error_message = "There are six functions."
  }

  assert {
    condition     = output.api_url == "https://a-function-abc123-ew.a.run.app"
    error_message = "The address that Google gave."
  }

  assert {
    condition     = google_secret_manager_secret_version.this["gemini_api_key"].secret_data == null
    error_message = "The key must not be in the state."
  }
}

# The runner holds that this plan changes nothing.
run "a_second_plan_after_the_apply" {
  command = plan
}

run "a_higher_version_of_the_key_reaches_the_function" {
  command = apply
  variables {
    gemini = { api_key_version = 2 }
  }

  assert {
    condition     = google_secret_manager_secret_version.this["gemini_api_key"].secret_data_wo_version == "2"
    error_message = "Raising the number adds a version of the secret."
  }
}

run "another_region_is_refused_before_anything_is_touched" {
  command = plan
  variables {
    region = "us-central1"
  }
  expect_failures = [terraform_data.guard]
}

run "another_name_is_refused_too" {
  command = plan
  variables {
    name = "photos"
  }
  expect_failures = [terraform_data.guard]
}

run "switching_off_keeps_the_secrets" {
  command = apply
  variables {
    gemini = { backend = "vertex" }
  }

  assert {
    condition     = contains(keys(google_secret_manager_secret.this), "gemini_api_key") && length(google_secret_manager_secret_version.this) == 0
    error_message = "The key of the Gemini API is not used any more; its secret stays."
  }
}

# The last one: what is protected could not be cleaned up.
run "protection_can_be_taken_away" {
  command = apply
  variables {
    deletion_protection = false
  }

  assert {
    condition     = terraform_data.guard.output.protected == false
    error_message = "Now it may be destroyed."
  }
}
