# Two pipelines in one project, each with its own buckets, functions, database and budgets. `npm run build` comes first.
terraform {
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0.0"
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.8.0"
    }
  }
}

variable "project" {
  description = "Id of the project that both live in."
  type        = string
}

provider "google" {
  project = var.project
}

provider "google" {
  alias                 = "with_quota_project"
  project               = var.project
  billing_project       = var.project
  user_project_override = true
}

module "shelves" {
  source = "../../modules/pipeline"

  providers = {
    archive                   = archive
    google                    = google
    google.with_quota_project = google.with_quota_project
  }

  project          = var.project
  name             = "shelves"
  dist_dir         = "${path.root}/../../../dist"
  gemini           = { backend = "vertex", requests_per_minute = 200 }
  daily_budget_usd = 10

  # The project's, so one of the two sets it.
  retention_days = { logs = 90 }
}

module "returns" {
  source = "../../modules/pipeline"

  providers = {
    archive                   = archive
    google                    = google
    google.with_quota_project = google.with_quota_project
  }

  project          = var.project
  name             = "returns"
  dist_dir         = "${path.root}/../../../dist"
  gemini           = { backend = "vertex", requests_per_minute = 100 }
  daily_budget_usd = 5
}

output "upload_commands" {
  description = "Uploads a picture, to each of the two."
  value       = { shelves = module.shelves.upload_command, returns = module.returns.upload_command }
}
