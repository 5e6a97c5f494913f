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
