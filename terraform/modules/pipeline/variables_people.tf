variable "api_invokers" {
  description = "Who may call the api, e.g. [\"group:shelf-team@example.com\"]. With nobody listed it is reachable from inside the project alone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.api_invokers : can(regex("^(group|user|serviceAccount|domain|principal|principalSet):.+$", one))])
    error_message = "Write each invoker with its kind: group:…, serviceAccount:…, domain:…, user:… or principalSet:…; the public (allUsers, allAuthenticatedUsers) is not accepted."
  }
}

variable "api_operators" {
  description = "E-mail addresses of the callers of the api that see and touch everybody's pictures, also those that were written straight to the bucket without an uploader, e.g. [\"you@example.com\"]. Everybody else sees what they uploaded themselves."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.api_operators : can(regex("^[^@ ,:]+@[^@ ,]+\\.[^@ ,]+$", one))])
    error_message = "Write each operator as the plain e-mail address of a person or a service account, without its kind; groups cannot be recognized in a token."
  }
}

variable "api_visibility" {
  description = "Whose pictures the callers of the api see and touch: \"own\", what they uploaded themselves, or \"team\", everybody's."
  type        = string
  default     = "own"

  validation {
    condition     = contains(["own", "team"], var.api_visibility)
    error_message = "The visibility must be \"own\" or \"team\"."
  }
}

variable "allowed_origins" {
  description = "Web pages that may upload straight to the bucket by a signed address, e.g. [\"https://shop.example.com\"]. They still cannot call the api from a browser: Cloud Run refuses the preflight, which carries no token. docs/deploy.md, Web pages of yours, says what works."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.allowed_origins : can(regex("^(https://[^/*]+|http://localhost(:[0-9]+)?)$", one))])
    error_message = "Each origin must be https://host or http://localhost:port, without a path and without *."
  }
}

variable "alert_email" {
  description = "Address that alerts and budget notices go to; a group's address outlives its members. null sends none."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null ? true : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "The alert e-mail must be an address such as ops@example.com."
  }
}

variable "least_right_share" {
  description = "An alert goes out when people judge less than this share of a week's answers to be right, of at least 20 that they judged; 0 switches it off."
  type        = number
  default     = 0.9

  validation {
    condition     = var.least_right_share >= 0 && var.least_right_share <= 1
    error_message = "The share must be 0 to 1, as 0.9 for 90 %."
  }
}
