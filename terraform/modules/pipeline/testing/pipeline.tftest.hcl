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
  project        = "my-project-123"
  dist_dir       = "./.terraform/built"
  gemini_api_key = "a-key"
  webhook_secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
}


run "buckets_keep_what_was_replaced_and_let_nobody_in" {
  command = plan

  assert {
    condition = alltrue([
      for bucket in google_storage_bucket.this :
      bucket.uniform_bucket_level_access && bucket.public_access_prevention == "enforced" && !bucket.force_destroy &&
      one(bucket.versioning).enabled && one(bucket.soft_delete_policy).retention_duration_seconds == 14 * 86400 &&
      bucket.location == "europe-west1"
    ])
    error_message = "Every bucket: uniform access, no public access, versions, soft delete, one region, never emptied by Terraform."
  }

  assert {
    condition     = length(distinct([for bucket in google_storage_bucket.this : bucket.name])) == 3
    error_message = "A function that writes where it reads calls itself for ever."
  }
}

run "prepared_pictures_expire_and_uploads_stay" {
  command = plan

  assert {
    condition = anytrue([
      for rule in google_storage_bucket.this["prepared"].lifecycle_rule : (
        one(rule.action).type == "Delete" && one(rule.condition).age == 30 && try(contains(one(rule.condition).matches_prefix, "0"), false)
      )
    ])
    error_message = "Prepared pictures are deleted after 30 days."
  }

  assert {
    condition = length([
      for rule in google_storage_bucket.this["uploads"].lifecycle_rule : rule if one(rule.condition).age != null && one(rule.action).type == "Delete"
    ]) == 0
    error_message = "Uploads are kept unless their retention is set."
  }

  assert {
    condition = alltrue([
      for bucket in google_storage_bucket.this :
      anytrue([for rule in bucket.lifecycle_rule : one(rule.action).type == "AbortIncompleteMultipartUpload"])
    ])
    error_message = "Unfinished uploads are given up."
  }
}

run "what_people_judged_right_outlives_prepared_pictures" {
  command = plan

  assert {
    condition = !anytrue(flatten([
      for rule in google_storage_bucket.this["prepared"].lifecycle_rule :
      [for prefix in coalesce(one(rule.condition).matches_prefix, [""]) : startswith("labels/0/1.jpg", prefix)]
      if one(rule.action).type == "Delete" && one(rule.condition).age != null
    ]))
    error_message = "No rule ends the pictures of labels unless their retention is set."
  }

  assert {
    condition = alltrue([
      for name in ["3388dd5ef9752b643edbf3a573f08dfa/1.jpg", "a388dd5ef9752b643edbf3a573f08dfa/1.jpg", "batches/1/input.jsonl"] :
      anytrue(flatten([
        for rule in google_storage_bucket.this["prepared"].lifecycle_rule :
        [for prefix in coalesce(one(rule.condition).matches_prefix, []) : startswith(name, prefix)]
        if one(rule.condition).age == 30
      ]))
    ])
    error_message = "Prepared pictures and the files of batch jobs go by age."
  }

  assert {
    condition     = google_storage_bucket_iam_member.function["api keeps pictures of labels"].role == "roles/storage.objectUser"
    error_message = "The api may keep pictures."
  }

  assert {
    condition     = endswith(one(google_storage_bucket_iam_member.function["api keeps pictures of labels"].condition).expression, "-prepared/objects/labels/\")")
    error_message = "The api may write below labels/ only."
  }

  assert {
    condition     = alltrue([for key, grant in google_storage_bucket_iam_member.function : length(grant.condition) == 0 if key != "api keeps pictures of labels"])
    error_message = "The other grants have no condition."
  }
}

run "labels_expire_with_their_pictures_where_somebody_says_so" {
  command = plan

  variables {
    retention_days = { labels = 365 }
  }

  assert {
    condition = [
      for rule in google_storage_bucket.this["prepared"].lifecycle_rule : tolist(one(rule.condition).matches_prefix)
      if one(rule.condition).age == 365
    ] == [tolist(["labels/"])]
    error_message = "The pictures of labels are deleted after a year."
  }

  assert {
    condition     = local.environment["api"].LABEL_RETENTION_DAYS == "365"
    error_message = "The api lets the labels expire at the same age."
  }
}

run "only_listed_pages_may_upload_from_a_browser" {
  command = plan
  variables {
    allowed_origins = ["https://shop.example.com"]
  }

  assert {
    condition     = tolist(one(google_storage_bucket.this["uploads"].cors).origin) == tolist(["https://shop.example.com"])
    error_message = "The uploads bucket answers the listed origins."
  }

  assert {
    condition     = contains(one(google_storage_bucket.this["uploads"].cors).response_header, "x-goog-meta-lane")
    error_message = "A page may send the lane of its upload."
  }

  assert {
    condition     = length(google_storage_bucket.this["prepared"].cors) == 0
    error_message = "No page reads prepared pictures from the bucket."
  }
}

run "the_database_is_named_protected_and_can_go_back_in_time" {
  command = plan

  assert {
    condition = (
      google_firestore_database.results.name == "pictures-results" &&
      google_firestore_database.results.delete_protection_state == "DELETE_PROTECTION_ENABLED" &&
      google_firestore_database.results.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" &&
      google_firestore_database.results.deletion_policy == "ABANDON" &&
      google_firestore_backup_schedule.daily.retention == "2419200s"
    )
    error_message = "The database must not be lost by a mistake."
  }

  assert {
    condition     = toset(keys(google_firestore_field.expire_at)) == toset(["results", "answers", "labels", "audit", "batches", "spend", "shards", "idempotency", "submissions"])
    error_message = "These collections expire."
  }

  assert {
    condition     = length(google_firestore_index.query) == length(jsondecode(file("./code.json")).indexes)
    error_message = "There is one composite index for each that the code needs."
  }

  assert {
    condition     = strcontains(google_firebaserules_ruleset.deny_all.source[0].files[0].content, "allow read, write: if false;")
    error_message = "Client SDKs may read and write nothing."
  }
}

run "the_model_quota_decides_how_many_calls_there_can_be" {
  command = plan
  variables {
    gemini = { requests_per_minute = 300, seconds_per_picture = 8 }
  }

  assert {
    condition     = output.model_capacity.calls_in_flight == 40
    error_message = "300 requests a minute of 8 seconds are 40 at a time."
  }

  assert {
    condition     = output.model_capacity.max_instances == 2 && output.model_capacity.concurrency == 20
    error_message = "40 calls are two instances of 20."
  }
}

run "a_split_never_exceeds_the_quota" {
  command = plan
  variables {
    gemini = { requests_per_minute = 415, seconds_per_picture = 6 }
  }

  assert {
    condition     = output.model_capacity.max_instances * output.model_capacity.concurrency <= floor(415 * 6 / 60)
    error_message = "What does not divide is rounded down."
  }
}

run "a_tiny_quota_still_lets_one_picture_through" {
  command = plan
  variables {
    gemini = { requests_per_minute = 5, seconds_per_picture = 6 }
  }

  assert {
    condition     = output.model_capacity.max_instances == 1 && output.model_capacity.concurrency == 1
    error_message = "One at a time."
  }
}

run "sweep_runs_every_five_minutes" {
  command = plan

  assert {
    condition     = google_cloud_scheduler_job.sweep.schedule == "*/5 * * * *"
    error_message = "Every five minutes."
  }

  assert {
    condition     = one(one(google_cloud_scheduler_job.sweep.http_target).oidc_token).service_account_email == "pictures-schedule@my-project-123.iam.gserviceaccount.com"
    error_message = "The schedule calls with its own account."
  }
}

run "without_a_billing_account_there_is_no_budget" {
  command = plan

  assert {
    condition     = length(google_billing_budget.monthly) == 0
    error_message = "Many may not touch billing."
  }
}

run "a_budget_warns_before_and_after" {
  command = plan
  variables {
    billing_account = "0123AB-4567CD-89EF01"
    budget          = { amount = 250 }
    alert_email     = "ops@example.com"
  }

  assert {
    condition = toset([for rule in google_billing_budget.monthly[0].threshold_rules : "${rule.spend_basis} ${rule.threshold_percent}"]) == toset([
      "CURRENT_SPEND 0.5", "CURRENT_SPEND 0.9", "CURRENT_SPEND 1", "FORECASTED_SPEND 1",
    ])
    error_message = "50, 90 and 100 % of what was spent, 100 % of what is forecast."
  }

  assert {
    condition = (
      one(one(google_billing_budget.monthly[0].amount).specified_amount).units == "250" &&
      one(google_billing_budget.monthly[0].budget_filter).projects == toset(["projects/123456789012"]) &&
      one(google_billing_budget.monthly[0].budget_filter).credit_types_treatment == "EXCLUDE_ALL_CREDITS" &&
      one(google_billing_budget.monthly[0].all_updates_rule).pubsub_topic == "projects/my-project-123/topics/pictures-budget" &&
      one(google_billing_budget.monthly[0].all_updates_rule).enable_project_level_recipients &&
      length(one(google_billing_budget.monthly[0].all_updates_rule).monitoring_notification_channels) == 1
    )
    error_message = "The budget counts this project without credits and tells the topic, the owners and the address."
  }
}

run "alerts_go_to_the_address" {
  command = plan
  variables {
    alert_email = "ops@example.com"
  }

  assert {
    condition = alltrue([
      for policy in concat(values(google_monitoring_alert_policy.threshold), values(google_monitoring_alert_policy.event), [google_monitoring_alert_policy.error_rate, google_monitoring_alert_policy.daily_spend, google_monitoring_alert_policy.failing_pictures, google_monitoring_alert_policy.fewer_right]) :
      length(policy.notification_channels) == 1 && length(one(policy.documentation).content) > 40
    ])
    error_message = "Every alert reaches somebody and says what to do."
  }

  assert {
    condition = alltrue([
      for code in ["MODEL_NOT_FOUND", "MODEL_REJECTED_REQUEST", "MODEL_INVALID_ANSWER", "STORE_REFUSED", "UNKNOWN"] :
      strcontains(one(one(google_monitoring_alert_policy.failing_pictures.conditions).condition_prometheus_query_language).query, code)
    ])
    error_message = "The share of pictures that end without an answer is watched by code."
  }

  assert {
    condition     = toset(concat(keys(google_monitoring_alert_policy.threshold), keys(google_monitoring_alert_policy.event))) == toset(["dead_letters", "oldest_message", "latency", "pause", "parked", "access_refused", "fallback_failed", "webhook_given_up", "batch_failed"])
    error_message = "Dead letters, waiting messages, latency, pauses, refused access, a lost fallback, lost receivers and batch jobs that stand still raise alerts."
  }
}

run "people_who_find_fewer_answers_right_raise_an_alert" {
  command = plan
  variables {
    least_right_share = 0.95
  }

  assert {
    condition     = endswith(google_logging_metric.counter["judged_right"].filter, "jsonPayload.message=(\"feedback.given\") AND jsonPayload.verdict=\"right\"")
    error_message = "Right answers are counted apart from all that were judged."
  }

  assert {
    condition     = strcontains(one(one(google_monitoring_alert_policy.fewer_right.conditions).condition_prometheus_query_language).query, "< 0.95 * sum(increase(logging_googleapis_com:user_pictures_judged{")
    error_message = "The share is held against the variable."
  }
}

run "a_refused_way_to_gemini_is_counted_and_announced" {
  command = plan

  assert {
    condition     = endswith(google_logging_metric.counter["access_refused"].filter, "jsonPayload.message=(\"credentials.refused\")")
    error_message = "The log line of a refusal is counted."
  }

  assert {
    condition = strcontains(
      one(one(google_monitoring_alert_policy.event["access_refused"].conditions).condition_prometheus_query_language).query,
      "logging_googleapis_com:user_pictures_access_refused{",
    )
    error_message = "One refusal is enough for an alert."
  }
}

run "one_key_encrypts_everything_that_is_stored" {
  command = plan
  variables {
    kms_key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
  }

  assert {
    condition = alltrue(concat(
      [for bucket in google_storage_bucket.this : one(bucket.encryption).default_kms_key_name == var.kms_key],
      [one(google_firestore_database.results.cmek_config).kms_key_name == var.kms_key],
      [google_artifact_registry_repository.images.kms_key_name == var.kms_key],
      [one(one(one(one(google_secret_manager_secret.this["gemini_api_key"].replication).user_managed).replicas).customer_managed_encryption).kms_key_name == var.kms_key],
    ))
    error_message = "Buckets, database, images and secret use the key."
  }

  assert {
    condition     = length(google_kms_crypto_key_iam_member.agent) == 7
    error_message = "Each Google service that encrypts may use the key."
  }
}

run "nobody_is_let_in_from_outside_until_somebody_is_listed" {
  command = plan

  assert {
    condition     = local.functions["api"].ingress == "ALLOW_INTERNAL_ONLY" && length(google_cloud_run_service_iam_member.api_invoker) == 0
    error_message = "Without invokers the api is internal."
  }
}

run "the_listed_callers_reach_the_api" {
  command = plan
  variables {
    api_invokers = ["group:shelf-team@example.com"]
  }

  assert {
    condition = (
      local.functions["api"].ingress == "ALLOW_ALL" &&
      google_cloud_run_service_iam_member.api_invoker["group:shelf-team@example.com"].role == "roles/run.invoker" &&
      google_cloud_run_service_iam_member.api_invoker["group:shelf-team@example.com"].service == "pictures-api"
    )
    error_message = "The group may call the api."
  }
}

run "the_outputs_can_be_typed" {
  command = plan

  assert {
    condition     = output.upload_command == "gcloud storage cp photo.jpg gs://my-project-123-pictures-uploads/describe/"
    error_message = "The first command a person types."
  }

  assert {
    condition     = strcontains(output.pipeline_environment, "export UPLOADS_BUCKET=my-project-123-pictures-uploads\n") || endswith(output.pipeline_environment, "export UPLOADS_BUCKET=my-project-123-pictures-uploads")
    error_message = "The command line must find the deployment."
  }

  assert {
    condition     = length(output.dead_letters_command) == 4 && strcontains(output.dead_letters_command[0], "-dead-letters --project=my-project-123")
    error_message = "One command for each stage that has dead letters."
  }

  assert {
    condition     = output.dashboard_url == "https://console.cloud.google.com/monitoring/dashboards/builder/0a1b2c3d?project=my-project-123"
    error_message = "The address of the dashboard."
  }
}

run "nobody_stands_in_for_gemini_unless_asked_for" {
  command = plan

  assert {
    condition = (
      local.environment["analyze-image"].FALLBACK == "none" && local.environment["resize-image"].FALLBACK == "none" &&
      local.environment["analyze-image"].VERTEX_FAILOVER == "false" && !contains(keys(local.environment["analyze-image"]), "FALLBACK_URL")
    )
    error_message = "Neither a fallback nor a second way to Gemini is on by default."
  }

  assert {
    condition     = length(google_project_iam_member.vertex) == 0 && toset(keys(google_secret_manager_secret_version.this)) == toset(["gemini_api_key"])
    error_message = "What is not used gets no role, and its secret stays empty."
  }
}

run "a_fallback_is_told_to_both_stages_and_has_its_time" {
  command = plan
  variables {
    fallback = { url = "https://reader.example.com", timeout_seconds = 20, retry_minutes = 10 }
  }

  assert {
    condition = (
      local.environment["resize-image"].FALLBACK == "local-reader" && local.environment["analyze-image"].FALLBACK == "local-reader" &&
      local.environment["analyze-image"].FALLBACK_URL == "https://reader.example.com" &&
      local.environment["analyze-image"].FALLBACK_TIMEOUT_MS == "20000" && local.environment["analyze-image"].FALLBACK_RETRY_MS == "600000"
    )
    error_message = "Both stages know of the fallback, and analyze-image where it is."
  }

  assert {
    condition     = local.environment["analyze-image"].MODEL_OVERALL_MS == "155000"
    error_message = "The models leave the fallback its 20 seconds of the 175."
  }

  assert {
    condition     = !contains(keys(google_secret_manager_secret_version.this), "fallback_api_key")
    error_message = "A server that wants no key needs no secret."
  }
}

run "the_key_of_a_fallback_is_a_secret" {
  command = plan
  variables {
    fallback         = { url = "https://reader.example.com", api_key_version = 1 }
    fallback_api_key = "a-key-of-the-reader"
  }

  assert {
    condition = (
      google_secret_manager_secret.this["fallback_api_key"].secret_id == "pictures-fallback-api-key" &&
      toset(keys(local.secret_environment["analyze-image"])) == toset(["GEMINI_API_KEY", "FALLBACK_API_KEY"])
    )
    error_message = "The key lies in Secret Manager beside the one of Gemini."
  }
}

run "vertex_steps_in_for_the_gemini_api_where_failover_is_on" {
  command = plan
  variables {
    gemini = { failover = true, location = "europe-west1" }
  }

  assert {
    condition = (
      local.environment["analyze-image"].GEMINI_BACKEND == "developer" && local.environment["analyze-image"].VERTEX_FAILOVER == "true" &&
      local.environment["analyze-image"].GEMINI_LOCATION == "europe-west1"
    )
    error_message = "The Gemini API answers first, Vertex AI where it refuses access."
  }

  assert {
    condition     = google_project_iam_member.vertex["analyze-image"].role == "roles/aiplatform.user" && contains(keys(google_secret_manager_secret.this), "gemini_api_key")
    error_message = "Both ways need what they need."
  }

  assert {
    condition     = length(setsubtract(["aiplatform.googleapis.com", "generativelanguage.googleapis.com", "secretmanager.googleapis.com"], keys(google_project_service.required))) == 0
    error_message = "The APIs of both are enabled."
  }
}

run "what_an_operator_sets_reaches_the_functions" {
  command = plan
  variables {
    gemini         = { attempt_seconds = 45, max_attempts = 3, exploration_percent = 0, repair_pause_minutes = 60 }
    api            = { memory_mb = 1024, requests_per_second = 5, requests_at_once = 20, figures_cache_seconds = 60, delegates = ["shop@my-project-123.iam.gserviceaccount.com", "b@example.com"] }
    sweep          = { images_per_run = 500 }
    api_operators  = ["a@example.com", "b@example.com"]
    api_visibility = "team"
    runaway        = { max_executions = 8, executions_per_image = 4, pause_hours = 2 }
    webhook        = { enabled = true, attempt_seconds = 5, first_pause_seconds = 30, max_attempts = 6 }
  }

  assert {
    condition = (
      local.environment["analyze-image"].MODEL_ATTEMPT_MS == "45000" && local.environment["analyze-image"].MODEL_MAX_ATTEMPTS == "3" &&
      local.environment["analyze-image"].MODEL_EXPLORATION_PERCENT == "0" && local.environment["analyze-image"].REPAIR_PAUSE_MS == "3600000"
    )
    error_message = "How the models are asked."
  }

  assert {
    condition = (
      local.environment["api"].DELEGATES == "shop@my-project-123.iam.gserviceaccount.com,b@example.com" &&
      local.environment["api"].API_OPERATORS == "a@example.com,b@example.com" &&
      local.environment["api"].API_VISIBILITY == "team" &&
      local.environment["api"].RATE_PER_SECOND == "5" && local.environment["api"].RATE_BURST == "20" &&
      local.environment["api"].FIGURES_CACHE_MS == "60000" && local.environment["api"].MAX_UPLOADS == "128"
    )
    error_message = "How much of the api a caller gets."
  }

  assert {
    condition = (
      local.environment["sweep"].SWEEP_LIMIT == "500" && local.environment["sweep"].RUNAWAY_RATIO == "4" && local.environment["sweep"].RUNAWAY_PAUSE_MS == "7200000" &&
      local.environment["sweep"].MAX_EXECUTIONS == "8" && local.environment["analyze-image"].MAX_EXECUTIONS == "8" && local.environment["resize-image"].MAX_EXECUTIONS == "8"
    )
    error_message = "When executions are too many."
  }

  assert {
    condition = (
      local.environment["webhook"].WEBHOOK_ATTEMPT_MS == "5000" && local.environment["webhook"].WEBHOOK_FIRST_PAUSE_MS == "30000" &&
      local.environment["webhook"].WEBHOOK_MAX_ATTEMPTS == "6"
    )
    error_message = "How often a receiver is told."
  }
}

run "webhooks_are_off_unless_asked_for" {
  command = plan

  assert {
    condition     = length(google_cloud_scheduler_job.webhook) == 0 && !contains(keys(module.function), "webhook")
    error_message = "Nothing is made for webhooks by default."
  }
}

run "webhooks_get_a_function_an_account_and_a_clock" {
  command = plan

  variables {
    webhook = { enabled = true }
  }

  assert {
    condition     = google_cloud_scheduler_job.webhook["webhook"].schedule == "* * * * *"
    error_message = "Lost or failed announcements are taken up every minute."
  }

  assert {
    condition     = toset(keys(google_pubsub_topic_iam_member.stage_rings)) == toset(["resize-image", "analyze-image", "batch"])
    error_message = "Only the stages that end a picture may ring."
  }
}

run "what_is_switched_off_keeps_its_secret" {
  command = plan

  assert {
    condition     = toset(keys(google_secret_manager_secret.this)) == toset(["gemini_api_key", "fallback_api_key", "webhook"])
    error_message = "A protected secret cannot be destroyed, so switching something off must not want to."
  }
}

run "the_project_s_own_settings_are_left_alone" {
  command = plan

  assert {
    condition     = length(google_logging_project_bucket_config.logs) == 0 && length(google_project_iam_audit_config.data_access) == 0
    error_message = "Log retention and audit logs belong to the project, and other pipelines live there."
  }
}

run "logs_are_kept_as_long_as_somebody_says" {
  command = plan
  variables {
    retention_days = { logs = 90 }
  }

  assert {
    condition     = google_logging_project_bucket_config.logs[0].retention_days == 90
    error_message = "The retention is set where it is asked for."
  }
}

run "only_one_of_several_pipelines_grants_on_a_shared_key" {
  command = plan
  variables {
    kms_key        = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    kms_key_grants = false
  }

  assert {
    condition     = length(google_kms_crypto_key_iam_member.agent) == 0 && contains(keys(google_project_service.required), "cloudkms.googleapis.com")
    error_message = "The grants are another pipeline's."
  }
}
