locals {
  # What the functions are; module.function makes each of them.
  functions = { for name, one in local.all_functions : name => one if name != "webhook" || var.webhook.enabled }

  all_functions = {
    "resize-image" = {
      description     = "Makes each upload one upright, clean JPEG."
      cpu             = var.resize.cpu
      memory_mb       = var.resize.memory_mb
      concurrency     = var.resize.concurrency
      min_instances   = var.resize.min_instances
      max_instances   = var.resize.max_instances
      timeout_seconds = var.resize.timeout_seconds
      trigger = {
        topic        = local.topics.uploads
        bucket       = local.buckets.uploads
        smoke_object = local.smoke_object
        # In a bucket with versions a deletion archives; OBJECT_DELETE follows when the old version goes for good.
        event_types = ["OBJECT_FINALIZE", "OBJECT_ARCHIVE", "OBJECT_DELETE"]
      }
    }
    "analyze-image" = {
      description = "Asks Gemini about each prepared picture and stores the checked answer."
      cpu         = var.analyze.cpu
      memory_mb   = var.analyze.memory_mb
      # Flex pictures wait beside the others, never in their places.
      concurrency     = local.analyze_concurrency + var.flex.max_concurrency
      min_instances   = var.analyze.min_instances
      max_instances   = local.analyze_instances
      timeout_seconds = local.flex_timeout_seconds
      trigger = {
        topic        = local.topics.prepared
        bucket       = local.buckets.prepared
        smoke_prefix = "${local.smoke_id}/"
        event_types  = ["OBJECT_FINALIZE"]
      }
    }
    "api" = {
      description   = "Takes uploads and shows results, to listed callers."
      cpu           = var.api.cpu
      memory_mb     = var.api.memory_mb
      concurrency   = var.api.concurrency
      min_instances = var.api.min_instances
      max_instances = var.api.max_instances
      # A client may upload 50 MB slowly.
      timeout_seconds = 300
      # Reachable from outside the project only once somebody is listed.
      ingress = length(var.api_invokers) > 0 ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    }
    "sweep" = {
      description = "Resumes images that are stuck or were set aside."
      memory_mb   = 512
      # Two sweeps do no harm, but no good either.
      concurrency     = 1
      max_instances   = 1
      timeout_seconds = 240
    }
    "batch" = {
      description = "Collects waiting pictures into batch jobs and stores what they answer."
      memory_mb   = 512
      # Each job has one owner at a time; a second instance would find none.
      concurrency     = 1
      max_instances   = 1
      timeout_seconds = 540
      trigger         = { topic = local.topics.batches }
    }
    "budget-alert" = {
      description     = "Pauses the pipeline when the cloud budget is used up."
      memory_mb       = 512
      concurrency     = 1
      max_instances   = 1
      timeout_seconds = 60
      trigger         = { topic = local.topics.budget }
    }
    # Only where webhooks are switched on.
    "webhook" = {
      description     = "Tells anyone who asked that a picture has ended."
      memory_mb       = 512
      concurrency     = 20
      max_instances   = 2
      timeout_seconds = 120
      trigger         = { topic = local.topics.webhooks }
    }
  }
}

module "function" {
  source   = "../stage"
  for_each = local.functions

  project  = var.project
  region   = var.region
  prefix   = var.name
  function = merge(each.value, { name = each.key })

  source_dir           = "${var.dist_dir}/${each.key}"
  source_bucket        = google_storage_bucket.this["source"].name
  image_repository     = google_artifact_registry_repository.images.id
  build_account        = "projects/${var.project}/serviceAccounts/${local.build_account}"
  environment          = local.environment[each.key]
  secret_environment   = lookup(local.secret_environment, each.key, {})
  hold_traffic         = var.hold_traffic
  message_days         = var.retention_days.messages
  pubsub_service_agent = local.service_agents.pubsub
  bucket_service_agent = local.service_agents.storage
  kms_key              = var.kms_key
  labels               = local.labels

  # Not depends_on: that would put off reading the sources until the apply, and every plan would show a new object.
  ready = concat(
    [for api in google_project_service.required : api.id],
    [for grant in google_project_iam_member.build : grant.id],
    [google_artifact_registry_repository_iam_member.build_pushes.id, google_storage_bucket_iam_member.build_reads.id],
    [for grant in google_kms_crypto_key_iam_member.agent : grant.id],
  )
}

# The listed callers of the api, and nobody else, may call it.
resource "google_cloud_run_service_iam_member" "api_invoker" {
  for_each = toset(var.api_invokers)

  project  = var.project
  location = var.region
  service  = module.function["api"].service
  role     = "roles/run.invoker"
  member   = each.value

  lifecycle {
    replace_triggered_by = [terraform_data.api_function]
  }
}

# A recreated function has a service without invokers; a module's resource cannot be named above.
resource "terraform_data" "api_function" {
  triggers_replace = module.function["api"].uid
}
