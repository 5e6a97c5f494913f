provider "google" {
  project = var.project
  region  = var.region
}

# For APIs that charge their quota to a project. The credentials of a person name none, so the provider has to send it with
# each call; setting a quota project with gcloud does not reach it.
provider "google" {
  alias                 = "with_quota_project"
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}
