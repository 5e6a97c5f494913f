# Written by `npm run build:terraform` from modules/pipeline: change it there.

module "pipeline" {
  source = "./modules/pipeline"

  providers = {
    archive                   = archive
    google                    = google
    google.with_quota_project = google.with_quota_project
  }

  project                   = var.project
  region                    = var.region
  name                      = var.name
  labels                    = var.labels
  dist_dir                  = var.dist_dir
  hold_traffic              = var.hold_traffic
  deletion_protection       = var.deletion_protection
  kms_key                   = var.kms_key
  kms_key_grants            = var.kms_key_grants
  audit_data_access         = var.audit_data_access
  gemini                    = var.gemini
  gemini_api_key            = var.gemini_api_key
  fallback                  = var.fallback
  fallback_api_key          = var.fallback_api_key
  daily_budget_usd          = var.daily_budget_usd
  uploader_daily_budget_usd = var.uploader_daily_budget_usd
  uploader_budget_action    = var.uploader_budget_action
  profile_daily_budgets_usd = var.profile_daily_budgets_usd
  billing_account           = var.billing_account
  budget                    = var.budget
  daily_spend_alert_usd     = var.daily_spend_alert_usd
  api_invokers              = var.api_invokers
  api_operators             = var.api_operators
  api_visibility            = var.api_visibility
  allowed_origins           = var.allowed_origins
  alert_email               = var.alert_email
  least_right_share         = var.least_right_share
  delete_with_upload        = var.delete_with_upload
  retention_days            = var.retention_days
  resize                    = var.resize
  analyze                   = var.analyze
  batch                     = var.batch
  flex                      = var.flex
  api                       = var.api
  sweep                     = var.sweep
  runaway                   = var.runaway
  webhook                   = var.webhook
  webhook_secret            = var.webhook_secret
}
