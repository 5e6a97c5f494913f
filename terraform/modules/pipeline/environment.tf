locals {
  # Node, the platform and Google's client libraries read these, our code does not.
  environment_platform = {
    GOOGLE_CLOUD_PROJECT = var.project
    LOG_EXECUTION_ID     = "true"
    # glibc's arena per thread costs sharp a quarter to a third of its peak memory and brings nothing.
    MALLOC_ARENA_MAX = "2"
    NODE_ENV         = "production"
  }

  environment_shared = {
    FIRESTORE_DATABASE = local.database
  }

  environment_results = {
    MAX_EXECUTIONS        = tostring(var.runaway.max_executions)
    RESULT_RETENTION_DAYS = tostring(var.retention_days.results)
  }

  # In both stages the function ends its work before the platform ends the call, and a claim outlives both, so that no
  # live instance loses it.
  environment_resize_image = {
    FUNCTION_TIMEOUT_MS  = tostring((var.resize.timeout_seconds - 5) * 1000)
    LEASE_MS             = tostring((var.resize.timeout_seconds + 15) * 1000)
    UPLOADS_BUCKET       = local.buckets.uploads
    PREPARED_BUCKET      = local.buckets.prepared
    MAX_BYTES            = tostring(var.resize.max_bytes)
    MAX_PIXELS           = tostring(var.resize.max_megapixels * 1000000)
    MAX_PIXELS_IN_FLIGHT = tostring(floor(var.resize.memory_mb * 50 / 2048) * 1000000)
    DELETE_WITH_UPLOAD   = tostring(var.delete_with_upload)
    RESIZE_TIME_LIMIT_MS = tostring(floor(var.resize.timeout_seconds / 2) * 1000)
  }

  environment_analyze_image = {
    FUNCTION_TIMEOUT_MS = tostring((var.analyze.timeout_seconds - 5) * 1000)
    LEASE_MS            = tostring((var.analyze.timeout_seconds + 15) * 1000)
    MODEL_ATTEMPT_MS    = tostring(floor(var.gemini.attempt_seconds * 1000))
    MODEL_MAX_ATTEMPTS  = tostring(var.gemini.max_attempts)
    # What comes after the models still has its time: the result is stored, or the fallback is asked before.
    MODEL_OVERALL_MS          = tostring(floor(local.model_overall_seconds * 1000))
    MODEL_EXPLORATION_PERCENT = tostring(var.gemini.exploration_percent)
    REPAIR_PAUSE_MS           = tostring(floor(var.gemini.repair_pause_minutes * 60000))
    # Each instance keeps to its share of the quota.
    MODEL_REQUESTS_PER_MINUTE = tostring(var.gemini.requests_per_minute)
    MODEL_TOKENS_PER_MINUTE   = tostring(var.gemini.tokens_per_minute)
    MAX_INSTANCES             = tostring(local.analyze_instances)
    MODEL_MAX_CONCURRENCY     = tostring(local.analyze_concurrency)
    FLEX_TIMEOUT_MS           = tostring((local.flex_timeout_seconds - 5) * 1000)
    FLEX_OVERALL_MS           = tostring(floor(local.flex_overall_seconds * 1000))
    FLEX_ATTEMPT_MS           = tostring(floor(min(var.flex.attempt_seconds, local.flex_overall_seconds) * 1000))
    FLEX_MAX_CONCURRENCY      = tostring(var.flex.max_concurrency)
  }

  environment_money = {
    DAILY_BUDGET_USD          = var.daily_budget_usd == null ? "none" : tostring(var.daily_budget_usd)
    UPLOADER_DAILY_BUDGET_USD = var.uploader_daily_budget_usd == null ? "none" : tostring(var.uploader_daily_budget_usd)
    UPLOADER_BUDGET_ACTION    = var.uploader_budget_action
    PROFILE_DAILY_BUDGET_USD  = jsonencode(var.profile_daily_budgets_usd)
    AUDIT_RETENTION_DAYS      = tostring(var.retention_days.audit)
  }

  # Both ways are configured where failover is on: with a key and vertex first, the key says so.
  environment_backend = {
    GEMINI_BACKEND        = var.gemini.backend
    GEMINI_LOCATION       = var.gemini.location
    GEMINI_STORE_REQUESTS = tostring(var.gemini.store_requests)
    VERTEX_FAILOVER       = tostring(var.gemini.backend == "developer" && var.gemini.failover)
  }

  # Both stages get the same value: resize-image goes on while only the models are out of reach.
  environment_fallback_choice = {
    FALLBACK = local.has_fallback ? "local-reader" : "none"
  }

  environment_fallback = {
    FALLBACK_URL        = var.fallback.url
    FALLBACK_TIMEOUT_MS = tostring(floor(var.fallback.timeout_seconds * 1000))
    FALLBACK_RETRY_MS   = tostring(floor(var.fallback.retry_minutes * 60000))
  }

  environment_api = {
    UPLOADS_BUCKET  = local.buckets.uploads
    PREPARED_BUCKET = local.buckets.prepared
    # The bucket ends their pictures at the same age.
    LABEL_RETENTION_DAYS = tostring(var.retention_days.labels)
    MAX_BYTES            = tostring(var.resize.max_bytes)
    WEB_DIR              = "web"
    API_VISIBILITY       = var.api_visibility
    API_OPERATORS        = join(",", var.api_operators)
    DELEGATES            = join(",", var.api.delegates)
    RATE_PER_SECOND      = tostring(var.api.requests_per_second)
    RATE_BURST           = tostring(var.api.requests_at_once)
    # An upload moves through about a megabyte; the rest is for the page, the client libraries and answers.
    MAX_UPLOADS      = tostring(floor(var.api.memory_mb / 8))
    FIGURES_CACHE_MS = tostring(floor(var.api.figures_cache_seconds * 1000))
    ALLOWED_ORIGINS  = join(",", var.allowed_origins)
    UPLOADS_TOPIC    = local.topics.uploads
    PREPARED_TOPIC   = local.topics.prepared
  }

  # Only where the function batch runs to hear it.
  environment_batches_topic = {
    BATCHES_TOPIC       = local.topics.batches
    BATCH_RING_PICTURES = tostring(var.batch.pictures)
  }

  # What both functions must agree on: when a picture leaves the batches.
  environment_batch_times = {
    BATCH_RESERVE_MS = tostring(floor(var.batch.reserve_minutes * 60000))
  }

  environment_batch = {
    FUNCTION_TIMEOUT_MS = tostring((local.functions["batch"].timeout_seconds - 10) * 1000)
    PREPARED_BUCKET     = local.buckets.prepared
    PREPARED_TOPIC      = local.topics.prepared
    # Thousands of answers pass through it; what is left of them is collected early.
    NODE_OPTIONS       = "--max-old-space-size=160 --max-semi-space-size=4"
    BATCH_PICTURES     = tostring(var.batch.pictures)
    BATCH_COLLECT_MS   = tostring(floor(var.batch.collect_minutes * 60000))
    BATCH_MAX_PICTURES = tostring(var.batch.max_pictures)
    BATCH_MAX_TOKENS   = tostring(var.batch.max_tokens)
    REPAIR_PAUSE_MS    = tostring(floor(var.gemini.repair_pause_minutes * 60000))
  }

  environment_sweep = {
    FUNCTION_TIMEOUT_MS = tostring((local.functions["sweep"].timeout_seconds - 5) * 1000)
    UPLOADS_TOPIC       = local.topics.uploads
    PREPARED_TOPIC      = local.topics.prepared
    SWEEP_LIMIT         = tostring(var.sweep.images_per_run)
    RUNAWAY_RATIO       = tostring(var.runaway.executions_per_image)
    RUNAWAY_PAUSE_MS    = tostring(floor(var.runaway.pause_hours * 3600000))
  }

  # The stages ring only where somebody listens.
  environment_webhooks_topic = {
    WEBHOOKS_TOPIC = local.topics.webhooks
  }

  environment_webhook = {
    FUNCTION_TIMEOUT_MS    = tostring((local.all_functions["webhook"].timeout_seconds - 5) * 1000)
    WEBHOOK_ATTEMPT_MS     = tostring(floor(var.webhook.attempt_seconds * 1000))
    WEBHOOK_FIRST_PAUSE_MS = tostring(floor(var.webhook.first_pause_seconds * 1000))
    WEBHOOK_MAX_ATTEMPTS   = tostring(var.webhook.max_attempts)
  }

  environment_budget_alert = {
    PAUSE_AT = tostring(var.budget.pause_at)
  }

  environment = {
    "resize-image" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_resize_image,
      local.environment_fallback_choice,
      var.webhook.enabled ? local.environment_webhooks_topic : {},
    )
    "analyze-image" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_analyze_image,
      local.environment_money, local.environment_backend, local.environment_fallback_choice,
      local.has_fallback ? local.environment_fallback : {},
      local.environment_batches_topic, local.environment_batch_times,
      var.webhook.enabled ? local.environment_webhooks_topic : {},
    )
    "batch" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_batch,
      local.environment_money, local.environment_backend, local.environment_batch_times,
      var.webhook.enabled ? local.environment_webhooks_topic : {},
    )
    "api" = merge(local.environment_platform, local.environment_shared, local.environment_api)
    "sweep" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_sweep,
    )
    "budget-alert" = merge(local.environment_platform, local.environment_shared, local.environment_budget_alert)
    "webhook"      = merge(local.environment_platform, local.environment_shared, local.environment_webhook)
  }
}
