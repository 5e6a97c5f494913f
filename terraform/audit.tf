# Who changed what is always recorded, without charge. Who read or wrote data is recorded on demand.
resource "google_project_iam_audit_config" "data_access" {
  for_each = toset(var.audit_data_access ? [
    "datastore.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
  ] : [])

  project = var.project
  service = each.value

  dynamic "audit_log_config" {
    for_each = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"]
    content {
      log_type = audit_log_config.value
    }
  }
}

# How long the functions' logs are kept.
resource "google_logging_project_bucket_config" "default" {
  project        = var.project
  location       = "global"
  bucket_id      = "_Default"
  retention_days = max(1, var.retention_days.logs)

  depends_on = [google_project_service.required]
}
