variable "delete_with_upload" {
  description = "Whether deleting an upload also deletes its prepared picture and its result. That includes uploads that expire (retention_days.uploads): set it to false to keep their results."
  type        = bool
  default     = true
}

variable "retention_days" {
  description = "How long things are kept: results (0 = for ever), uploads (0 = for ever), prepared pictures, labels that people gave, with their pictures (0 = as long as the upload), replaced or deleted objects, undelivered messages, database backups, records of model calls (0 = log lines only); and logs, which is the whole project's (its log bucket _Default): null leaves it as it is, and only one pipeline of a project may set it."
  type = object({
    results  = optional(number, 0)
    uploads  = optional(number, 0)
    prepared = optional(number, 30)
    labels   = optional(number, 0)
    replaced = optional(number, 14)
    messages = optional(number, 7)
    backups  = optional(number, 28)
    logs     = optional(number)
    audit    = optional(number, 90)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retention_days.prepared >= 1 && var.retention_days.replaced >= 7 && var.retention_days.replaced <= 90
    error_message = "Prepared pictures are kept at least 1 day, replaced and deleted objects 7 to 90 days."
  }

  validation {
    condition     = var.retention_days.messages >= 1 && var.retention_days.messages <= 31
    error_message = "Pub/Sub keeps messages 1 to 31 days."
  }

  validation {
    condition     = var.retention_days.backups >= 1 && var.retention_days.backups <= 98
    error_message = "Firestore keeps backups 1 to 98 days."
  }

  validation {
    condition     = alltrue([for days in values(var.retention_days) : days == null ? true : days >= 0 && floor(days) == days])
    error_message = "Every retention is a whole number of days."
  }
}
