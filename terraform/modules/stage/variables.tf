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
      topic  = string
      bucket = optional(string)
      # Whose events go to the candidate revision alone: one object, or a folder.
      smoke_object = optional(string)
      smoke_prefix = optional(string)
      event_types  = optional(list(string), ["OBJECT_FINALIZE"])
    }))
  })

  # What Cloud Run would refuse in the middle of an apply (https://cloud.google.com/run/docs/configuring/services/cpu).
  validation {
    condition     = contains([1, 2, 4, 6, 8], var.function.cpu) || (var.function.cpu >= 0.08 && var.function.cpu < 1)
    error_message = "${var.function.name}: cpu must be 1, 2, 4, 6 or 8, or a part of one from 0.08; it is ${var.function.cpu}."
  }

  validation {
    condition     = var.function.cpu >= (var.function.memory_mb > 24576 ? 8 : var.function.memory_mb > 16384 ? 6 : var.function.memory_mb > 8192 ? 4 : var.function.memory_mb > 4096 ? 2 : 0)
    error_message = "${var.function.name}: memory_mb above 4096 needs a cpu of 2, above 8192 of 4, above 16384 of 6, above 24576 of 8; it is ${var.function.memory_mb} with a cpu of ${var.function.cpu}."
  }

  validation {
    condition     = var.function.memory_mb <= (var.function.cpu < 0.5 ? 512 : var.function.cpu < 1 ? 1024 : 32768) && var.function.memory_mb >= (var.function.cpu >= 6 ? 4096 : var.function.cpu >= 4 ? 2048 : 128)
    error_message = "${var.function.name}: a cpu below 0.5 takes up to 512 MB of memory, below 1 up to 1024; 4 take at least 2048 and 6 at least 4096. memory_mb is ${var.function.memory_mb} with a cpu of ${var.function.cpu}."
  }

  validation {
    condition = alltrue([
      for size in [var.function.memory_mb, var.function.concurrency, var.function.min_instances, var.function.max_instances, var.function.timeout_seconds] :
      floor(size) == size
    ])
    error_message = "${var.function.name}: memory_mb, concurrency, instances and timeout_seconds must be whole numbers."
  }

  validation {
    condition     = var.function.min_instances >= 0 && var.function.min_instances <= var.function.max_instances && var.function.max_instances >= 1 && var.function.max_instances <= 1000
    error_message = "${var.function.name}: there must be 1 to 1000 instances at most, and between 0 and that number at least; it is ${var.function.min_instances} to ${var.function.max_instances}. What analyze-image has at most follows from the quota: see model_capacity."
  }

  validation {
    condition     = var.function.concurrency >= 1 && var.function.concurrency <= (var.function.cpu < 1 ? 1 : 1000)
    error_message = "${var.function.name}: an instance takes 1 to 1000 requests at a time, and a single one with a cpu below 1; concurrency is ${var.function.concurrency}."
  }
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
