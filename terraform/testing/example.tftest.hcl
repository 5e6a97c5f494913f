mock_provider "google" {
  source          = "./modules/pipeline/testing/mocks"
  override_during = plan
}

mock_provider "google" {
  alias           = "with_quota_project"
  source          = "./modules/pipeline/testing/mocks"
  override_during = plan
}

mock_provider "archive" {
  source          = "./modules/pipeline/testing/mocks"
  override_during = plan
}


variables {
  dist_dir       = "./.terraform/built"
  gemini_api_key = "a-key"
}

# Run with -var-file=terraform.tfvars.example: what people copy must be accepted as it is.
run "the_example_is_accepted" {
  command = plan

  assert {
    condition     = toset(keys(output.services)) == toset(["resize-image", "analyze-image", "api", "sweep", "batch", "budget-alert"])
    error_message = "The example makes the six functions."
  }
}
