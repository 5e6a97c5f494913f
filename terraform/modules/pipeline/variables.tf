variable "project" {
  description = "Id of the Google Cloud project that everything is created in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "The project must be a project id such as \"my-project-123\", not its name or number: see `gcloud projects list`."
  }
}

variable "region" {
  description = "The one region of buckets, topics, functions and database."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "The region must be a single one such as \"europe-west1\": a multi-region (\"eu\", \"us\") would send every picture across regions."
  }
}

variable "name" {
  description = "Beginning of every resource's name; lets two pipelines live in one project."
  type        = string
  default     = "pictures"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,8}[a-z0-9]$", var.name))
    error_message = "The name must have 3 to 10 lower-case letters, digits or dashes, beginning with a letter: service accounts have room for no more."
  }
}

variable "labels" {
  description = "Further labels of every resource that can carry some."
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([
      for key, value in var.labels :
      can(regex("^[a-z][a-z0-9_-]{0,62}$", key)) && can(regex("^[a-z0-9_-]{0,63}$", value))
    ])
    error_message = "Labels must consist of lower-case letters, digits, dashes and underscores, at most 63 of them."
  }
}

variable "dist_dir" {
  description = "Folder that `npm run build` writes."
  type        = string
  default     = "../dist"
}

variable "hold_traffic" {
  description = "True leaves the traffic of each function as it is set: on the revision that serves, once .github/hold-traffic.sh has fixed it there; .github/rollout.sh then moves it step by step. False gives all traffic to the newest revision."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "True refuses whatever would destroy the pipeline or make it anew, before anything is touched. Switch it off by an apply of its own."
  type        = bool
  default     = true
}

variable "kms_key" {
  description = "Cloud KMS key (projects/…/cryptoKeys/…) in the same region that encrypts everything stored; null lets Google hold the keys."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key == null ? true : can(regex("^projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$", var.kms_key))
    error_message = "The key must be written as projects/P/locations/L/keyRings/R/cryptoKeys/K: see `gcloud kms keys list`."
  }

  validation {
    condition     = var.kms_key == null ? true : try(split("/", var.kms_key)[3] == var.region, true)
    error_message = "The key must lie in the pipeline's region: Cloud Storage, Pub/Sub and Firestore accept no other."
  }
}

variable "kms_key_grants" {
  description = "Whether this pipeline lets Google's services use kms_key. Their accounts are the whole project's: where several pipelines share a key, only one may grant, and it must be the last to go."
  type        = bool
  default     = true
}

variable "audit_data_access" {
  description = "True also records who read and wrote data (Cloud Audit Logs, Data Access), which is billed by volume. It is the whole project's setting: only one pipeline of a project may make it."
  type        = bool
  default     = false
}
