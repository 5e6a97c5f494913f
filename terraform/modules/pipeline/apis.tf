locals {
  apis = setunion(
    [
      "artifactregistry.googleapis.com",
      "cloudbuild.googleapis.com",
      "cloudfunctions.googleapis.com",
      "cloudresourcemanager.googleapis.com",
      "cloudscheduler.googleapis.com",
      "firebaserules.googleapis.com",
      "firestore.googleapis.com",
      "iam.googleapis.com",
      "iamcredentials.googleapis.com",
      "logging.googleapis.com",
      "monitoring.googleapis.com",
      "pubsub.googleapis.com",
      "run.googleapis.com",
      "storage.googleapis.com",
    ],
    length(local.kept_secrets) > 0 ? ["secretmanager.googleapis.com"] : [],
    local.has_key ? ["generativelanguage.googleapis.com"] : [],
    local.has_vertex ? ["aiplatform.googleapis.com"] : [],
    local.has_budget ? ["billingbudgets.googleapis.com"] : [],
    var.kms_key == null ? [] : ["cloudkms.googleapis.com"],
  )
}

resource "google_project_service" "required" {
  for_each = local.apis

  project = var.project
  service = each.value

  # Others in the project may use it too.
  disable_on_destroy = false
}
