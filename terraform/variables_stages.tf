variable "resize" {
  description = "What one instance of resize-image has and how many there may be. A 100 MP progressive JPEG needs 1.2 GiB."
  type = object({
    cpu             = optional(number, 2)
    memory_mb       = optional(number, 2048)
    concurrency     = optional(number, 4)
    min_instances   = optional(number, 0)
    max_instances   = optional(number, 10)
    timeout_seconds = optional(number, 120)
    max_bytes       = optional(number, 50000000)
    max_megapixels  = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.resize.timeout_seconds >= 60 && var.resize.timeout_seconds <= 540
    error_message = "The timeout must be 60 to 540 seconds: Pub/Sub waits no longer than 600 for an answer."
  }

  validation {
    condition     = var.resize.concurrency == 1 || var.resize.cpu >= 1
    error_message = "More than one picture at a time needs at least 1 cpu."
  }

  validation {
    condition     = var.resize.memory_mb >= 512 && var.resize.memory_mb <= 32768
    error_message = "The memory must be 512 to 32768 MB: a 12 MP photo in work takes about 150, the client libraries as much again."
  }

  validation {
    condition     = var.resize.max_instances >= 1 && var.resize.max_instances <= 1000 && var.resize.min_instances <= var.resize.max_instances
    error_message = "There must be 1 to 1000 instances at most, and no more at least than at most."
  }
}

variable "analyze" {
  description = "What one instance of analyze-image has. How many there are follows from the model's quota (see gemini)."
  type = object({
    cpu             = optional(number, 1)
    memory_mb       = optional(number, 1024)
    max_concurrency = optional(number, 20)
    min_instances   = optional(number, 0)
    timeout_seconds = optional(number, 180)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.analyze.timeout_seconds >= 60 && var.analyze.timeout_seconds <= 540
    error_message = "The timeout must be 60 to 540 seconds: Pub/Sub waits no longer than 600 for an answer."
  }

  validation {
    condition     = var.analyze.max_concurrency >= 1 && var.analyze.max_concurrency <= 200 && (var.analyze.max_concurrency == 1 || var.analyze.cpu >= 1)
    error_message = "An instance takes 1 to 200 pictures at a time, and more than one needs at least 1 cpu."
  }

  validation {
    condition     = var.analyze.memory_mb >= 512 && var.analyze.memory_mb <= 32768
    error_message = "The memory must be 512 to 32768 MB."
  }
}

variable "gemini" {
  description = "Which Gemini answers and what it allows: backend developer (API key) or vertex (the function's own account), requests and input tokens per minute of the first model, and how many seconds one picture takes."
  type = object({
    backend             = optional(string, "developer")
    location            = optional(string, "global")
    requests_per_minute = optional(number, 300)
    tokens_per_minute   = optional(number, 1000000)
    seconds_per_picture = optional(number, 6)
    api_key_version     = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(local.code.geminiBackends, var.gemini.backend)
    error_message = "The backend must be one that the functions know: ${join(", ", local.code.geminiBackends)}."
  }

  validation {
    condition     = var.gemini.requests_per_minute >= 1 && var.gemini.tokens_per_minute >= 1 && var.gemini.seconds_per_picture > 0 && var.gemini.seconds_per_picture <= 60
    error_message = "The quota must be at least 1 request and 1 token per minute and a picture must take up to 60 seconds: see the model's limits at https://aistudio.google.com/usage."
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
    condition     = var.gemini.backend == "vertex" || var.gemini_api_key != null
    error_message = "Without a key no picture is answered: make one at https://aistudio.google.com/apikey and run `export TF_VAR_gemini_api_key=…`."
  }
}
