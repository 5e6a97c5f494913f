variable "gemini" {
  description = "Which Gemini answers and what it allows: backend developer (API key) or vertex (the function's own account), whether the other one answers where the first refuses access (failover), whether the Gemini API may keep requests and answers for you to look at (store_requests), requests and input tokens per minute of the first model, how many seconds one picture takes, how long and how often one model is asked, how many percent of the questions try a model that is not the best at the moment, and for how many minutes refused credentials or used-up credit rest before they are tried again."
  type = object({
    backend              = optional(string, "developer")
    failover             = optional(bool, false)
    location             = optional(string, "global")
    store_requests       = optional(bool, false)
    requests_per_minute  = optional(number, 300)
    tokens_per_minute    = optional(number, 1000000)
    seconds_per_picture  = optional(number, 6)
    attempt_seconds      = optional(number, 30)
    max_attempts         = optional(number, 5)
    exploration_percent  = optional(number, 5)
    repair_pause_minutes = optional(number, 15)
    api_key_version      = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(local.code.geminiBackends, var.gemini.backend)
    error_message = "The backend must be one that the functions know: ${join(", ", local.code.geminiBackends)}."
  }

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]+$", var.gemini.location))
    error_message = "The location must be one of Vertex AI, such as global or europe-west1."
  }

  validation {
    condition     = var.gemini.requests_per_minute >= 1 && var.gemini.tokens_per_minute >= 1 && var.gemini.seconds_per_picture > 0 && var.gemini.seconds_per_picture <= 60
    error_message = "The quota must be at least 1 request and 1 token per minute and a picture must take up to 60 seconds: see the model's limits at https://aistudio.google.com/usage."
  }

  validation {
    # A function whose share is less than a picture a minute refuses to start.
    condition     = var.gemini.tokens_per_minute >= 2000 * ceil(max(1, floor(var.gemini.requests_per_minute * var.gemini.seconds_per_picture / 60)) / var.analyze.max_concurrency)
    error_message = "The tokens per minute must be at least 2000 for each instance (requests_per_minute * seconds_per_picture / 60 / analyze.max_concurrency of them): a picture with its prompt takes as many."
  }

  validation {
    condition     = var.gemini.attempt_seconds >= 1 && var.gemini.attempt_seconds <= var.analyze.timeout_seconds - 15
    error_message = "One call may take 1 second or more, and must end 15 seconds before analyze.timeout_seconds."
  }

  validation {
    condition     = var.gemini.max_attempts >= 1 && var.gemini.max_attempts <= 10 && floor(var.gemini.max_attempts) == var.gemini.max_attempts
    error_message = "A model is asked 1 to 10 times, the first included."
  }

  validation {
    condition     = var.gemini.exploration_percent >= 0 && var.gemini.exploration_percent <= 100 && floor(var.gemini.exploration_percent) == var.gemini.exploration_percent
    error_message = "The share of questions that try another model is a whole number of percent, 0 to 100."
  }

  validation {
    condition     = var.gemini.repair_pause_minutes >= 1 && var.gemini.repair_pause_minutes <= 1440
    error_message = "Refused credentials rest 1 to 1440 minutes."
  }

  validation {
    condition     = var.gemini.api_key_version >= 1 && floor(var.gemini.api_key_version) == var.gemini.api_key_version
    error_message = "The key's version must be a whole number from 1; raise it by one whenever the key changes."
  }
}

variable "gemini_api_key" {
  description = "API key of the Gemini API (TF_VAR_gemini_api_key). Stored when gemini.api_key_version changes; neither plan nor state holds it."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = (var.gemini.backend == "vertex" && !var.gemini.failover) || try(length(var.gemini_api_key), 0) > 0
    error_message = "Without a key no picture is answered: make one at https://aistudio.google.com/apikey and run `export TF_VAR_gemini_api_key=…`."
  }
}

variable "fallback" {
  description = "A server of yours that answers for the time being while no model can; null as its url (the default) means none. It reads barcodes and text and speaks the Gemini API, as the local reader of `npm start` does, and sees the prepared pictures. timeout_seconds: how long it may take; retry_minutes: when the models are asked again; api_key_version: set it (1, then higher) where the server wants the key of fallback_api_key."
  type = object({
    url             = optional(string)
    timeout_seconds = optional(number, 8)
    retry_minutes   = optional(number, 5)
    api_key_version = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.fallback.url == null ? true : can(regex("^https://[^/ @]+(/[^ ]*)?$", var.fallback.url))
    error_message = "The fallback's url must be an https address such as https://reader.example.com, without a user name: pictures are sent there."
  }

  validation {
    condition     = var.fallback.timeout_seconds >= 0.1 && var.fallback.timeout_seconds <= min(120, var.analyze.timeout_seconds - var.gemini.attempt_seconds - 5)
    error_message = "The fallback may take 0.1 to 120 seconds, and with one call of a model (gemini.attempt_seconds) it must end 5 seconds before analyze.timeout_seconds."
  }

  validation {
    condition     = var.fallback.retry_minutes >= 1 && var.fallback.retry_minutes <= 1440
    error_message = "The models are asked again after 1 to 1440 minutes."
  }

  validation {
    condition     = var.fallback.api_key_version == null ? true : var.fallback.api_key_version >= 1 && floor(var.fallback.api_key_version) == var.fallback.api_key_version
    error_message = "The version of the fallback's key must be a whole number from 1; raise it by one whenever the key changes."
  }
}

variable "fallback_api_key" {
  description = "Key that the server of fallback.url wants to see (TF_VAR_fallback_api_key); never the key of Gemini. Stored when fallback.api_key_version changes; neither plan nor state holds it."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = var.fallback.url == null || var.fallback.api_key_version == null || try(length(var.fallback_api_key), 0) > 0
    error_message = "fallback.api_key_version says that the server wants a key: run `export TF_VAR_fallback_api_key=…`."
  }
}
