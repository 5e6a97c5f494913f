variable "billing_account" {
  description = "Billing account (0123AB-4567CD-89EF01) that gets a budget with alerts; null skips it, as many may not touch billing."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null ? true : can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "The billing account must look like 0123AB-4567CD-89EF01: see `gcloud billing accounts list`."
  }
}

variable "budget" {
  description = "Monthly budget of the project in the billing account's currency (another is refused by Google), and the shares that are announced."
  type = object({
    amount   = optional(number, 100)
    currency = optional(string)
    current  = optional(list(number), [0.5, 0.9, 1.0])
    forecast = optional(list(number), [1.0])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount
    error_message = "The budget must be a whole amount from 1."
  }

  validation {
    condition     = var.budget.currency == null ? true : can(regex("^[A-Z]{3}$", var.budget.currency))
    error_message = "The currency must be a three-letter code such as EUR, and the billing account's own."
  }

  validation {
    condition     = alltrue([for share in concat(var.budget.current, var.budget.forecast) : share > 0 && share <= 10])
    error_message = "Thresholds are shares of the budget: 0.5 is 50 %."
  }
}

variable "daily_spend_alert_usd" {
  description = "An alert goes out when the model calls of 24 hours cost more than this."
  type        = number
  default     = 10

  validation {
    condition     = var.daily_spend_alert_usd > 0
    error_message = "The alert's limit must be more than 0 USD."
  }
}
