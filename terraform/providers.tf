provider "google" {
  project        = var.project
  region         = var.region
  default_labels = local.labels
}

# The budget API charges its own quota to a project, and knows of this one only when it is named.
provider "google" {
  alias                 = "billing"
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}
