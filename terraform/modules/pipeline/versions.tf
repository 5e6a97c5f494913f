terraform {
  # Write-only arguments (the API key never reaches the state) came with 1.11.
  required_version = ">= 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0.0"
      # Like google, and sends the project that quota is charged to with each call (user_project_override).
      configuration_aliases = [google.with_quota_project]
    }
    archive = {
      source  = "hashicorp/archive"
      version = "~> 2.8.0"
    }
  }
}
