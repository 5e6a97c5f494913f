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
    MAX_EXECUTIONS        = "12"
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
    MODEL_ATTEMPT_MS    = "30000"
    MODEL_OVERALL_MS    = tostring((var.analyze.timeout_seconds - 15) * 1000)
    # Each instance keeps to its share of the quota.
    MODEL_REQUESTS_PER_MINUTE = tostring(var.gemini.requests_per_minute)
    MODEL_TOKENS_PER_MINUTE   = tostring(var.gemini.tokens_per_minute)
    MAX_INSTANCES             = tostring(local.analyze_instances)
    MODEL_MAX_CONCURRENCY     = tostring(local.analyze_concurrency)
  }

  environment_money = {
    DAILY_BUDGET_USD          = var.daily_budget_usd == null ? "none" : tostring(var.daily_budget_usd)
    UPLOADER_DAILY_BUDGET_USD = var.uploader_daily_budget_usd == null ? "none" : tostring(var.uploader_daily_budget_usd)
    UPLOADER_BUDGET_ACTION    = var.uploader_budget_action
    PROFILE_DAILY_BUDGET_USD  = jsonencode(var.profile_daily_budgets_usd)
    AUDIT_RETENTION_DAYS      = tostring(var.retention_days.audit)
  }

  environment_analyze_image_vertex = {
    GEMINI_BACKEND  = "vertex"
    GEMINI_LOCATION = var.gemini.location
  }

  environment_api = {
    UPLOADS_BUCKET  = local.buckets.uploads
    MAX_BYTES       = tostring(var.resize.max_bytes)
    WEB_DIR         = "web"
    ALLOWED_ORIGINS = join(",", var.allowed_origins)
    UPLOADS_TOPIC   = local.topics.uploads
    PREPARED_TOPIC  = local.topics.prepared
  }

  environment_sweep = {
    FUNCTION_TIMEOUT_MS = tostring((local.functions["sweep"].timeout_seconds - 5) * 1000)
    UPLOADS_TOPIC       = local.topics.uploads
    PREPARED_TOPIC      = local.topics.prepared
  }

  # The stages ring only where somebody listens.
  environment_webhooks_topic = {
    WEBHOOKS_TOPIC = local.topics.webhooks
  }

  environment_webhook = {
    FUNCTION_TIMEOUT_MS = tostring((local.all_functions["webhook"].timeout_seconds - 5) * 1000)
  }

  environment_budget_alert = {
    PAUSE_AT = tostring(var.budget.pause_at)
  }

  environment = {
    "resize-image" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_resize_image,
      var.webhook.enabled ? local.environment_webhooks_topic : {},
    )
    "analyze-image" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_analyze_image,
      local.environment_money,
      local.has_key ? {} : local.environment_analyze_image_vertex,
      var.webhook.enabled ? local.environment_webhooks_topic : {},
    )
    "api" = merge(local.environment_platform, local.environment_shared, local.environment_api)
    "sweep" = merge(
      local.environment_platform, local.environment_shared, local.environment_results, local.environment_sweep,
    )
    "budget-alert" = merge(local.environment_platform, local.environment_shared, local.environment_budget_alert)
    "webhook"      = merge(local.environment_platform, local.environment_shared, local.environment_webhook)
  }

  # By name of the variable: the secret's version that it holds.
  secret_environment = {
    "analyze-image" = { for version in google_secret_manager_secret_version.gemini_api_key : "GEMINI_API_KEY" => {
      secret  = version.secret
      version = version.version
    } }
    "webhook" = { for version in google_secret_manager_secret_version.webhook : "WEBHOOK_SECRET" => {
      secret  = version.secret
      version = version.version
    } }
  }
}
