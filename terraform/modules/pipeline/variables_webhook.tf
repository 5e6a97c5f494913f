variable "webhook" {
  description = "Whether results may be announced to https addresses that uploads or profiles name; how long one attempt may take, when the first is repeated (the pause doubles, up to six hours) and how many there are; a higher secret_version stores webhook_secret anew."
  type = object({
    enabled             = optional(bool, false)
    attempt_seconds     = optional(number, 10)
    first_pause_seconds = optional(number, 60)
    max_attempts        = optional(number, 14)
    secret_version      = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.webhook.attempt_seconds >= 0.1 && var.webhook.attempt_seconds <= 60
    error_message = "An attempt may take 0.1 to 60 seconds."
  }

  validation {
    condition     = var.webhook.first_pause_seconds >= 1 && var.webhook.first_pause_seconds <= 3600
    error_message = "The first attempt is repeated after 1 to 3600 seconds."
  }

  validation {
    condition     = var.webhook.max_attempts >= 1 && var.webhook.max_attempts <= 100 && floor(var.webhook.max_attempts) == var.webhook.max_attempts
    error_message = "There are 1 to 100 attempts."
  }

  validation {
    condition     = var.webhook.secret_version >= 1 && floor(var.webhook.secret_version) == var.webhook.secret_version
    error_message = "The secret's version must be a whole number from 1; raise it by one whenever the secret changes."
  }
}

variable "webhook_secret" {
  description = "Secret that announcements are signed with (TF_VAR_webhook_secret): whsec_ and at least 24 random bytes in base64. Neither plan nor state holds it."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = !var.webhook.enabled || can(regex("^whsec_[A-Za-z0-9+/]{32,}={0,2}$", var.webhook_secret))
    error_message = "Webhooks need a secret: run `export TF_VAR_webhook_secret=whsec_$(openssl rand -base64 32)`."
  }
}
