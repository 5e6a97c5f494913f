variable "project" {
  type = string
}

variable "region" {
  type = string
}

variable "prefix" {
  description = "Beginning of every name."
  type        = string
}

variable "function" {
  description = "The function; with a trigger it is called for each message of a topic, with a bucket in it for each change of an object."
  type = object({
    name            = string
    description     = string
    cpu             = optional(number, 1)
    memory_mb       = number
    concurrency     = number
    min_instances   = optional(number, 0)
    max_instances   = number
    timeout_seconds = number
    ingress         = optional(string, "ALLOW_INTERNAL_ONLY")
    trigger = optional(object({
      topic        = string
      bucket       = optional(string)
      smoke_prefix = optional(string)
      event_types  = optional(list(string), ["OBJECT_FINALIZE"])
    }))
  })
}

variable "source_dir" {
  description = "The function's folder under dist/."
  type        = string

  validation {
    condition     = fileexists("${var.source_dir}/index.mjs")
    error_message = "${var.source_dir} holds no function: run `npm run build` first."
  }
}

variable "source_bucket" {
  type = string
}

variable "image_repository" {
  type = string
}

variable "build_account" {
  description = "Resource name of the account that builds the image."
  type        = string
}

variable "environment" {
  type = map(string)
}

variable "secret_environment" {
  description = "By variable: the secret and the number of its version."
  type        = map(object({ secret = string, version = string }))
  default     = {}
}

variable "hold_traffic" {
  type = bool
}

variable "message_days" {
  type = number
}

variable "pubsub_service_agent" {
  type = string
}

variable "bucket_service_agent" {
  type = string
}

variable "kms_key" {
  type    = string
  default = null
}

variable "labels" {
  type = map(string)
}

variable "ready" {
  description = "Ids of what must exist first."
  type        = list(string)
}
