locals {
  # Written from the functions' sources by `npm run build:terraform`; a test holds it in step.
  code = jsondecode(file("${path.module}/code.json"))

  labels = merge(var.labels, { application = "gemini-image-pipeline", pipeline = var.name })

  database    = "${var.name}-results"
  database_id = "projects/${var.project}/databases/${local.database}"

  # Made from their parts, not from the resources: the functions that get these names are created beside them.
  topics  = { for topic in ["uploads", "prepared", "budget", "webhooks", "batches"] : topic => "${var.name}-${topic}" }
  buckets = { for bucket in ["uploads", "prepared", "source"] : bucket => "${var.project}-${var.name}-${bucket}" }

  # Of what people judged right, in the bucket of prepared pictures; as in shared/results/labels/label.ts.
  label_pictures = "labels/"

  webhooks = toset(var.webhook.enabled ? ["webhook"] : [])

  has_budget = var.billing_account != null
  # Both ways to Gemini where one stands in for the other.
  has_key    = var.gemini.backend == "developer" || var.gemini.failover
  has_vertex = var.gemini.backend == "vertex" || var.gemini.failover

  has_fallback = var.fallback.url != null

  # The same message as a picture's would be, but it only ever travels through a revision that has no traffic yet.
  smoke_object = "smoke/candidate.jpg"
  smoke_id     = substr(sha256("${local.buckets.uploads}/${local.smoke_object}"), 0, 32)

  project_number = data.google_project.this.number
  service_agents = {
    pubsub   = "service-${local.project_number}@gcp-sa-pubsub.iam.gserviceaccount.com"
    storage  = data.google_storage_project_service_account.this.email_address
    registry = "service-${local.project_number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
    run      = "service-${local.project_number}@serverless-robot-prod.iam.gserviceaccount.com"
    function = "service-${local.project_number}@gcf-admin-robot.iam.gserviceaccount.com"
    database = "service-${local.project_number}@gcp-sa-firestore.iam.gserviceaccount.com"
    secrets  = "service-${local.project_number}@gcp-sa-secretmanager.iam.gserviceaccount.com"
  }
}

# Neither waits for anything: a data source that does makes Terraform replace every grant that reads it.
data "google_project" "this" {
  project_id = var.project
}

data "google_storage_project_service_account" "this" {
  project = var.project
}
