# The functions' container images.
resource "google_artifact_registry_repository" "images" {
  project       = var.project
  location      = var.region
  repository_id = "${var.name}-functions"
  description   = "Images of the functions of ${var.name}."
  format        = "DOCKER"
  labels        = local.labels
  kms_key_name  = var.kms_key

  # A rollback needs the images of the last revisions; older ones only cost.
  cleanup_policies {
    id     = "keep-last"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      older_than = "${30 * 86400}s"
    }
  }

  depends_on = [google_project_service.required, google_kms_crypto_key_iam_member.agent]
}
