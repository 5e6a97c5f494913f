mock_provider "google" {
  source          = "./testing/mocks"
  override_during = plan
}

mock_provider "archive" {
  source          = "./testing/mocks"
  override_during = plan
}

variables {
  source_dir           = "./.terraform/built/resize-image"
  project              = "my-project-123"
  region               = "europe-west1"
  prefix               = "pictures"
  source_bucket        = "sources"
  image_repository     = "projects/my-project-123/locations/europe-west1/repositories/images"
  build_account        = "projects/my-project-123/serviceAccounts/builder@my-project-123.iam.gserviceaccount.com"
  environment          = { UPLOADS_BUCKET = "an-uploads-bucket" }
  hold_traffic         = false
  message_days         = 7
  pubsub_service_agent = "pubsub@example.com"
  bucket_service_agent = "storage@example.com"
  labels               = {}
  ready                = []

  function = {
    name            = "resize-image"
    description     = "Makes pictures small."
    memory_mb       = 1024
    concurrency     = 4
    max_instances   = 10
    timeout_seconds = 120
    trigger         = { topic = "pictures-uploads", bucket = "an-uploads-bucket", smoke_object = "smoke/candidate.jpg", event_types = ["OBJECT_FINALIZE", "OBJECT_ARCHIVE", "OBJECT_DELETE"] }
  }
}

run "a_change_in_the_bucket_is_published" {
  command = plan
  module {
    source = "../stage"
  }

  assert {
    condition = (
      google_storage_notification.objects["bucket"].bucket == "an-uploads-bucket" &&
      google_storage_notification.objects["bucket"].topic == "projects/my-project-123/topics/pictures-uploads" &&
      google_storage_notification.objects["bucket"].event_types == toset(["OBJECT_FINALIZE", "OBJECT_ARCHIVE", "OBJECT_DELETE"])
    )
    error_message = "New and deleted objects must be announced on the stage's topic."
  }

  assert {
    condition = (
      google_pubsub_topic_iam_member.storage_publishes["bucket"].topic == "pictures-uploads" &&
      google_pubsub_topic_iam_member.storage_publishes["bucket"].member == "serviceAccount:storage@example.com"
    )
    error_message = "Cloud Storage must be allowed to publish, on this topic alone."
  }
}

run "a_message_is_delivered_until_it_is_taken_or_dead" {
  command = plan
  module {
    source = "../stage"
  }

  assert {
    condition = (
      one(google_pubsub_subscription.push["push"].retry_policy).minimum_backoff == "10s" &&
      one(google_pubsub_subscription.push["push"].retry_policy).maximum_backoff == "600s"
    )
    error_message = "Deliveries are repeated after 10 to 600 seconds."
  }

  assert {
    condition = (
      one(google_pubsub_subscription.push["push"].dead_letter_policy).dead_letter_topic == "projects/my-project-123/topics/pictures-uploads-dead-letters" &&
      one(google_pubsub_subscription.push["push"].dead_letter_policy).max_delivery_attempts == 20
    )
    error_message = "After 20 deliveries a message goes to the dead letters."
  }

  assert {
    condition     = google_pubsub_subscription.push["push"].message_retention_duration == "604800s"
    error_message = "A message is kept for 7 days."
  }

  assert {
    condition     = google_pubsub_subscription.push["push"].ack_deadline_seconds == 150
    error_message = "Pub/Sub must wait longer than the function may take."
  }

  assert {
    condition = alltrue([
      for subscription in [google_pubsub_subscription.push["push"], google_pubsub_subscription.dead_letters["push"], google_pubsub_subscription.smoke["smoke"]] :
      one(subscription.expiration_policy).ttl == ""
    ])
    error_message = "No subscription may expire when it is idle."
  }
}

run "dead_letters_can_be_written_and_are_kept" {
  command = plan
  module {
    source = "../stage"
  }

  assert {
    condition = (
      google_pubsub_topic_iam_member.pubsub_publishes["push"].topic == "pictures-uploads-dead-letters" &&
      google_pubsub_topic_iam_member.pubsub_publishes["push"].role == "roles/pubsub.publisher" &&
      google_pubsub_subscription_iam_member.pubsub_acknowledges["push"].subscription == "pictures-uploads" &&
      google_pubsub_subscription_iam_member.pubsub_acknowledges["push"].role == "roles/pubsub.subscriber"
    )
    error_message = "Pub/Sub needs both rights to move a message."
  }

  assert {
    condition     = google_pubsub_subscription.dead_letters["push"].topic == "projects/my-project-123/topics/pictures-uploads-dead-letters"
    error_message = "A topic without a subscription forgets its messages."
  }
}

run "deliveries_are_signed_by_an_account_that_may_only_call_this_function" {
  command = plan
  module {
    source = "../stage"
  }

  assert {
    condition = (
      one(one(google_pubsub_subscription.push["push"].push_config).oidc_token).service_account_email == "pictures-resize-image-push@my-project-123.iam.gserviceaccount.com" &&
      one(one(google_pubsub_subscription.push["push"].push_config).oidc_token).audience == one(google_pubsub_subscription.push["push"].push_config).push_endpoint
    )
    error_message = "The push must carry a token of the push account for the function's address."
  }

  assert {
    condition = (
      google_cloud_run_service_iam_member.push_invokes["push"].service == "pictures-resize-image" &&
      google_cloud_run_service_iam_member.push_invokes["push"].role == "roles/run.invoker"
    )
    error_message = "The push account may call this service."
  }
}

run "the_smoke_object_travels_through_the_candidate_alone" {
  command = plan
  module {
    source = "../stage"
  }

  assert {
    condition = (
      google_pubsub_subscription.push["push"].filter == "attributes.objectId != \"smoke/candidate.jpg\"" &&
      google_pubsub_subscription.smoke["smoke"].filter == "attributes.objectId = \"smoke/candidate.jpg\"" &&
      startswith(one(google_pubsub_subscription.smoke["smoke"].push_config).push_endpoint, "https://candidate---")
    )
    error_message = "Each message belongs to exactly one of the two subscriptions: any object but the one of the rollout is answered like every other."
  }
}

run "the_function_states_all_that_the_platform_would_choose" {
  command = plan
  module {
    source = "../stage"
  }

  assert {
    condition = (
      one(google_cloudfunctions2_function.this.build_config).runtime == "nodejs24" &&
      one(google_cloudfunctions2_function.this.build_config).entry_point == "resize-image" &&
      one(google_cloudfunctions2_function.this.build_config).service_account == var.build_account &&
      one(google_cloudfunctions2_function.this.service_config).service_account_email == "pictures-resize-image@my-project-123.iam.gserviceaccount.com" &&
      one(google_cloudfunctions2_function.this.service_config).available_cpu == "1" &&
      one(google_cloudfunctions2_function.this.service_config).available_memory == "1024Mi" &&
      one(google_cloudfunctions2_function.this.service_config).max_instance_request_concurrency == 4 &&
      one(google_cloudfunctions2_function.this.service_config).min_instance_count == 0 &&
      one(google_cloudfunctions2_function.this.service_config).max_instance_count == 10 &&
      one(google_cloudfunctions2_function.this.service_config).timeout_seconds == 120 &&
      one(google_cloudfunctions2_function.this.service_config).ingress_settings == "ALLOW_INTERNAL_ONLY"
    )
    error_message = "Runtime, accounts, cpu, memory, concurrency, instances, timeout and ingress are stated."
  }

  assert {
    condition     = google_storage_bucket_object.source.name == "resize-image/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.zip"
    error_message = "The sources are named by their content."
  }
}

run "a_rollout_can_hold_the_traffic_back" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    hold_traffic = true
  }

  assert {
    condition     = one(google_cloudfunctions2_function.this.service_config).all_traffic_on_latest_revision == false
    error_message = "A held revision gets no traffic."
  }
}

run "a_function_without_a_trigger_has_nothing_around_it" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = {
      name            = "api"
      description     = "Answers callers."
      memory_mb       = 512
      concurrency     = 40
      max_instances   = 4
      timeout_seconds = 300
    }
  }

  assert {
    condition = (
      length(google_pubsub_topic.events) + length(google_pubsub_topic.dead_letters) + length(google_pubsub_subscription.push) +
      length(google_service_account.push) + length(google_storage_notification.objects) == 0
    )
    error_message = "No topic, subscription, push account or notification without a trigger."
  }
}

run "an_unbuilt_function_says_what_to_run" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    source_dir = "./nowhere"
  }

  expect_failures = [var.source_dir]
}

run "cloud_run_has_no_three_cpus" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", memory_mb = 1024, concurrency = 4, max_instances = 10, timeout_seconds = 120, cpu = 3 }
  }
  expect_failures = [var.function]
}

run "much_memory_needs_more_cpus" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", concurrency = 4, max_instances = 10, timeout_seconds = 120, memory_mb = 8193, cpu = 2 }
  }
  expect_failures = [var.function]
}

run "half_a_cpu_takes_little_memory" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", max_instances = 10, timeout_seconds = 120, memory_mb = 2048, cpu = 0.5, concurrency = 1 }
  }
  expect_failures = [var.function]
}

run "four_cpus_need_their_memory" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", concurrency = 4, max_instances = 10, timeout_seconds = 120, memory_mb = 1024, cpu = 4 }
  }
  expect_failures = [var.function]
}

run "half_an_instance_is_none" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", memory_mb = 1024, concurrency = 4, timeout_seconds = 120, max_instances = 2.5 }
  }
  expect_failures = [var.function]
}

run "fewer_than_no_instances_are_refused" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", memory_mb = 1024, concurrency = 4, max_instances = 10, timeout_seconds = 120, min_instances = -1 }
  }
  expect_failures = [var.function]
}

run "more_instances_at_least_than_at_most_are_refused" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", memory_mb = 1024, concurrency = 4, max_instances = 10, timeout_seconds = 120, min_instances = 11 }
  }
  expect_failures = [var.function]
}

run "more_than_a_thousand_instances_are_refused" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", memory_mb = 1024, concurrency = 4, timeout_seconds = 120, max_instances = 1001 }
  }
  expect_failures = [var.function]
}

run "more_than_a_thousand_requests_at_a_time_are_refused" {
  command = plan
  module {
    source = "../stage"
  }
  variables {
    function = { name = "resize-image", description = "Makes pictures small.", memory_mb = 1024, max_instances = 10, timeout_seconds = 120, concurrency = 1001 }
  }
  expect_failures = [var.function]
}
