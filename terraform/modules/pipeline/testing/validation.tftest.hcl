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

  gemini_api_key = "a-key"
}

run "a_project_number_is_no_project_id" {
  command = plan
  variables {
    project = "123456789012"
  }
  expect_failures = [var.project]
}

run "a_multi_region_is_refused" {
  command = plan
  variables {
    region = "eu"
  }
  expect_failures = [var.region]
}

run "a_name_leaves_room_for_accounts" {
  command = plan
  variables {
    name = "a-very-long-name"
  }
  expect_failures = [var.name]
}

run "labels_are_lower_case" {
  command = plan
  variables {
    labels = { Team = "Shelf" }
  }
  expect_failures = [var.labels]
}

run "a_key_is_named_in_full" {
  command = plan
  variables {
    kms_key = "my-key"
  }
  expect_failures = [var.kms_key]
}

run "a_key_of_another_region_is_refused" {
  command = plan
  variables {
    kms_key = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"
  }
  expect_failures = [var.kms_key]
}

run "the_public_is_no_invoker" {
  command = plan
  variables {
    api_invokers = ["allUsers"]
  }
  expect_failures = [var.api_invokers]
}

run "all_google_users_are_no_invoker" {
  command = plan
  variables {
    api_invokers = ["allAuthenticatedUsers"]
  }
  expect_failures = [var.api_invokers]
}

run "an_invoker_needs_its_kind" {
  command = plan
  variables {
    api_invokers = ["somebody@example.com"]
  }
  expect_failures = [var.api_invokers]
}

run "an_operator_is_a_plain_address" {
  command = plan
  variables {
    api_operators = ["group:shelf-team@example.com"]
  }
  expect_failures = [var.api_operators]
}

run "pictures_are_ones_own_or_the_teams" {
  command = plan
  variables {
    api_visibility = "everyone"
  }
  expect_failures = [var.api_visibility]
}

run "any_origin_is_refused" {
  command = plan
  variables {
    allowed_origins = ["*"]
  }
  expect_failures = [var.allowed_origins]
}

run "an_unencrypted_origin_is_refused" {
  command = plan
  variables {
    allowed_origins = ["http://shop.example.com"]
  }
  expect_failures = [var.allowed_origins]
}

run "an_alert_needs_an_address" {
  command = plan
  variables {
    alert_email = "ops"
  }
  expect_failures = [var.alert_email]
}

run "a_function_must_not_outlast_the_push" {
  command = plan
  variables {
    resize = { timeout_seconds = 541 }
  }
  expect_failures = [var.resize]
}

run "half_a_cpu_takes_one_picture_at_a_time" {
  command = plan
  variables {
    resize = { cpu = 0.5, concurrency = 4 }
  }
  expect_failures = [var.resize]
}

run "too_little_memory_is_refused" {
  command = plan
  variables {
    resize = { memory_mb = 256 }
  }
  expect_failures = [var.resize]
}

run "fewer_instances_at_most_than_at_least_are_refused" {
  command = plan
  variables {
    resize = { min_instances = 3, max_instances = 2 }
  }
  expect_failures = [var.resize]
}

run "an_analysis_must_not_outlast_the_push" {
  command = plan
  variables {
    analyze = { timeout_seconds = 600 }
  }
  expect_failures = [var.analyze]
}

run "an_instance_takes_at_least_one_picture" {
  command = plan
  variables {
    analyze = { max_concurrency = 0 }
  }
  expect_failures = [var.analyze]
}

run "an_unknown_backend_is_refused" {
  command = plan
  variables {
    gemini = { backend = "other" }
  }
  expect_failures = [var.gemini]
}

run "a_quota_of_nothing_is_refused" {
  command = plan
  variables {
    gemini = { requests_per_minute = 0 }
  }
  expect_failures = [var.gemini]
}

run "the_version_of_the_key_is_a_whole_number" {
  command = plan
  variables {
    gemini = { api_key_version = 1.5 }
  }
  expect_failures = [var.gemini]
}

run "a_daily_budget_is_not_negative" {
  command = plan
  variables {
    daily_budget_usd = -1
  }
  expect_failures = [var.daily_budget_usd]
}

run "an_uploader_budget_is_not_negative" {
  command = plan
  variables {
    uploader_daily_budget_usd = -1
  }
  expect_failures = [var.uploader_daily_budget_usd]
}

run "a_profile_budget_is_not_negative" {
  command = plan
  variables {
    profile_daily_budgets_usd = { inventory = -1 }
  }
  expect_failures = [var.profile_daily_budgets_usd]
}

run "an_uploader_over_budget_is_refused_or_parked" {
  command = plan
  variables {
    uploader_budget_action = "ignore"
  }
  expect_failures = [var.uploader_budget_action]
}

run "a_billing_account_has_its_form" {
  command = plan
  variables {
    billing_account = "my account"
  }
  expect_failures = [var.billing_account]
}

run "a_budget_is_a_whole_amount" {
  command = plan
  variables {
    budget = { amount = 0.5 }
  }
  expect_failures = [var.budget]
}

run "a_currency_is_a_code" {
  command = plan
  variables {
    budget = { currency = "Euro" }
  }
  expect_failures = [var.budget]
}

run "a_threshold_is_a_share" {
  command = plan
  variables {
    budget = { current = [50] }
  }
  expect_failures = [var.budget]
}

run "a_spend_alert_needs_a_limit" {
  command = plan
  variables {
    daily_spend_alert_usd = 0
  }
  expect_failures = [var.daily_spend_alert_usd]
}

run "messages_are_kept_no_longer_than_pubsub_does" {
  command = plan
  variables {
    retention_days = { messages = 32 }
  }
  expect_failures = [var.retention_days]
}

run "backups_are_kept_no_longer_than_firestore_does" {
  command = plan
  variables {
    retention_days = { backups = 99 }
  }
  expect_failures = [var.retention_days]
}

run "replaced_objects_are_kept_a_week_at_least" {
  command = plan
  variables {
    retention_days = { replaced = 1 }
  }
  expect_failures = [var.retention_days]
}

run "a_retention_is_a_whole_number_of_days" {
  command = plan
  variables {
    retention_days = { results = 1.5 }
  }
  expect_failures = [var.retention_days]
}

run "a_missing_key_says_how_to_give_it" {
  command = plan
  variables {
    gemini_api_key = null
  }
  expect_failures = [var.gemini_api_key]
}

run "webhooks_without_a_secret_are_refused" {
  command = plan

  variables {
    webhook = { enabled = true }
  }

  expect_failures = [var.webhook_secret]
}

run "a_token_quota_leaves_each_instance_a_picture" {
  command = plan
  variables {
    gemini = { requests_per_minute = 6000, tokens_per_minute = 10000 }
  }
  expect_failures = [var.gemini]
}

run "a_call_ends_before_the_function" {
  command = plan
  variables {
    gemini = { attempt_seconds = 170 }
  }
  expect_failures = [var.gemini]
}

run "a_model_is_asked_at_least_once" {
  command = plan
  variables {
    gemini = { max_attempts = 0 }
  }
  expect_failures = [var.gemini]
}

run "an_exploration_is_a_share" {
  command = plan
  variables {
    gemini = { exploration_percent = 101 }
  }
  expect_failures = [var.gemini]
}

run "refused_credentials_rest" {
  command = plan
  variables {
    gemini = { repair_pause_minutes = 0 }
  }
  expect_failures = [var.gemini]
}

run "a_location_has_a_name" {
  command = plan
  variables {
    gemini = { location = "" }
  }
  expect_failures = [var.gemini]
}

run "a_fallback_is_asked_over_an_encrypted_connection" {
  command = plan
  variables {
    fallback = { url = "http://reader.example.com" }
  }
  expect_failures = [var.fallback]
}

run "a_fallback_ends_before_the_function" {
  command = plan
  variables {
    fallback = { url = "https://reader.example.com", timeout_seconds = 150 }
  }
  expect_failures = [var.fallback]
}

run "a_fallback_lets_the_models_be_asked_again" {
  command = plan
  variables {
    fallback = { url = "https://reader.example.com", retry_minutes = 0 }
  }
  expect_failures = [var.fallback]
}

run "the_version_of_a_fallbacks_key_is_a_whole_number" {
  command = plan
  variables {
    fallback         = { url = "https://reader.example.com", api_key_version = 0.5 }
    fallback_api_key = "a-key"
  }
  expect_failures = [var.fallback]
}

run "a_fallback_that_wants_a_key_gets_one" {
  command = plan
  variables {
    fallback = { url = "https://reader.example.com", api_key_version = 1 }
  }
  expect_failures = [var.fallback_api_key]
}

run "an_api_takes_a_request" {
  command = plan
  variables {
    api = { concurrency = 0 }
  }
  expect_failures = [var.api]
}

run "an_api_has_memory" {
  command = plan
  variables {
    api = { memory_mb = 128 }
  }
  expect_failures = [var.api]
}

run "an_api_has_no_more_instances_at_least_than_at_most" {
  command = plan
  variables {
    api = { min_instances = 5 }
  }
  expect_failures = [var.api]
}

run "a_caller_is_allowed_a_request" {
  command = plan
  variables {
    api = { requests_per_second = 0 }
  }
  expect_failures = [var.api]
}

run "figures_are_an_hour_old_at_most" {
  command = plan
  variables {
    api = { figures_cache_seconds = 4000 }
  }
  expect_failures = [var.api]
}

run "a_delegate_is_an_address" {
  command = plan
  variables {
    api = { delegates = ["serviceAccount:shop@example.com"] }
  }
  expect_failures = [var.api]
}

run "a_sweep_takes_up_an_image" {
  command = plan
  variables {
    sweep = { images_per_run = 0 }
  }
  expect_failures = [var.sweep]
}

run "an_image_needs_two_executions" {
  command = plan
  variables {
    runaway = { max_executions = 1 }
  }
  expect_failures = [var.runaway]
}

run "two_executions_are_no_runaway" {
  command = plan
  variables {
    runaway = { executions_per_image = 2 }
  }
  expect_failures = [var.runaway]
}

run "a_pause_ends" {
  command = plan
  variables {
    runaway = { pause_hours = 200 }
  }
  expect_failures = [var.runaway]
}

run "an_attempt_ends_within_a_minute" {
  command = plan
  variables {
    webhook = { attempt_seconds = 61 }
  }
  expect_failures = [var.webhook]
}

run "a_receiver_gets_a_pause" {
  command = plan
  variables {
    webhook = { first_pause_seconds = 0 }
  }
  expect_failures = [var.webhook]
}

run "a_receiver_is_told_once_at_least" {
  command = plan
  variables {
    webhook = { max_attempts = 0 }
  }
  expect_failures = [var.webhook]
}
