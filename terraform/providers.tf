provider "google" {
  project        = var.project
  region         = var.region
  default_labels = local.labels
}

# The budget API charges its own quota to a project, and knows only of this one when told so.
provider "google" {
  alias                 = "billing"
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}
