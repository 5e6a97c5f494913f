mock_provider "google" {
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "google" {
  alias           = "with_quota_project"
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "archive" {
  source          = "./tests/mocks"
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
    condition     = length(google_billing_budget.monthly) == 1 && length(google_cloud_run_service_iam_member.api_invoker) == 1
    error_message = "The example has a budget and a caller."
  }
}
