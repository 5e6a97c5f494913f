variable "daily_budget_usd" {
  description = "What all model calls of one day (UTC) may cost together; the functions hold it to the cent. null sets no limit."
  type        = number
  default     = 10

  validation {
    condition     = var.daily_budget_usd == null ? true : var.daily_budget_usd >= 0
    error_message = "The daily budget is an amount in US dollars from 0, or null for no limit: the Gemini API is priced in USD."
  }
}

variable "uploader_daily_budget_usd" {
  description = "What the pictures of one uploader may cost in a day; null sets no limit."
  type        = number
  default     = null

  validation {
    condition     = var.uploader_daily_budget_usd == null ? true : var.uploader_daily_budget_usd >= 0
    error_message = "An uploader's daily budget is an amount in US dollars from 0, or null for no limit."
  }
}

variable "uploader_budget_action" {
  description = "What becomes of a picture whose uploader has used up the budget: refuse it, or park it until the next day."
  type        = string
  default     = "refuse"

  validation {
    condition     = contains(["refuse", "park"], var.uploader_budget_action)
    error_message = "The action must be refuse or park."
  }
}

variable "profile_daily_budgets_usd" {
  description = "What the pictures of a profile may cost in a day, by profile, e.g. { inventory = 5 }."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for amount in values(var.profile_daily_budgets_usd) : amount >= 0])
    error_message = "A profile's daily budget is an amount in US dollars from 0."
  }
}

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
  description = "Monthly budget of the project in the billing account's currency (another is refused by Google), the shares that are announced, and the share from which the pipeline pauses itself."
  type = object({
    amount   = optional(number, 100)
    currency = optional(string)
    current  = optional(list(number), [0.5, 0.9, 1.0])
    forecast = optional(list(number), [1.0])
    pause_at = optional(number, 0.9)
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
    condition     = alltrue([for share in concat(var.budget.current, var.budget.forecast, [var.budget.pause_at]) : share > 0 && share <= 10])
    error_message = "Thresholds are shares of the budget: 0.5 is 50 %."
  }
}

variable "daily_spend_alert_usd" {
  description = "An alert goes out when the model calls of 24 hours cost more than this; keep it below the daily budget."
  type        = number
  default     = 8

  validation {
    condition     = var.daily_spend_alert_usd > 0
    error_message = "The alert's limit must be more than 0 USD."
  }
}
