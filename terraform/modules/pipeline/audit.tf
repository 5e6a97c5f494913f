# Who changed what is always recorded, without charge. Who read or wrote data is recorded on demand. Both settings here are
# the whole project's: only one pipeline may make them, and leaving does not bring back what was there before.
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

resource "google_logging_project_bucket_config" "logs" {
  count = var.retention_days.logs == null ? 0 : 1

  project        = var.project
  location       = "global"
  bucket_id      = "_Default"
  retention_days = max(1, var.retention_days.logs)

  depends_on = [google_project_service.required]
}
