variable "webhook" {
  description = "Whether results may be announced to https addresses that uploads or profiles name; a higher secret_version stores webhook_secret anew."
  type = object({
    enabled        = optional(bool, false)
    secret_version = optional(number, 1)
  })
  default  = {}
  nullable = false

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
