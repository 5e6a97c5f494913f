# Written by `npm run build:terraform` from modules/pipeline: change it there.

variable "project" {
  description = "Id of the Google Cloud project that everything is created in."
  type        = string
}

variable "region" {
  description = "The one region of buckets, topics, functions and database."
  type        = string
  default     = "europe-west1"
}

variable "name" {
  description = "Beginning of every resource's name; lets two pipelines live in one project."
  type        = string
  default     = "pictures"
}

variable "labels" {
  description = "Further labels of every resource that can carry some."
  type        = map(string)
  default     = {}
}

variable "dist_dir" {
  description = "Folder that `npm run build` writes."
  type        = string
  default     = "../dist"
}

variable "hold_traffic" {
  description = "True leaves the traffic of each function as it is set: on the revision that serves, once .github/hold-traffic.sh has fixed it there; .github/rollout.sh then moves it step by step. False gives all traffic to the newest revision."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "True refuses whatever would destroy the pipeline or make it anew, before anything is touched. Switch it off by an apply of its own."
  type        = bool
  default     = true
}

variable "kms_key" {
  description = "Cloud KMS key (projects/…/cryptoKeys/…) in the same region that encrypts everything stored; null lets Google hold the keys."
  type        = string
  default     = null
}

variable "kms_key_grants" {
  description = "Whether this pipeline lets Google's services use kms_key. Their accounts are the whole project's: where several pipelines share a key, only one may grant, and it must be the last to go."
  type        = bool
  default     = true
}

variable "audit_data_access" {
  description = "True also records who read and wrote data (Cloud Audit Logs, Data Access), which is billed by volume. It is the whole project's setting: only one pipeline of a project may make it."
  type        = bool
  default     = false
}

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
}

variable "gemini_api_key" {
  description = "API key of the Gemini API (TF_VAR_gemini_api_key). Stored when gemini.api_key_version changes; neither plan nor state holds it."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
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
}

variable "fallback_api_key" {
  description = "Key that the server of fallback.url wants to see (TF_VAR_fallback_api_key); never the key of Gemini. Stored when fallback.api_key_version changes; neither plan nor state holds it."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}

variable "daily_budget_usd" {
  description = "What all model calls of one day (UTC) may cost together; the functions hold it to the cent. null sets no limit."
  type        = number
  default     = 10
}

variable "uploader_daily_budget_usd" {
  description = "What the pictures of one uploader may cost in a day; null sets no limit."
  type        = number
  default     = null
}

variable "uploader_budget_action" {
  description = "What becomes of a picture whose uploader has used up the budget: refuse it, or park it until the next day."
  type        = string
  default     = "refuse"
}

variable "profile_daily_budgets_usd" {
  description = "What the pictures of a profile may cost in a day, by profile, e.g. { inventory = 5 }."
  type        = map(number)
  default     = {}
}

variable "billing_account" {
  description = "Billing account (0123AB-4567CD-89EF01) that gets a budget with alerts; null skips it, as many may not touch billing."
  type        = string
  default     = null
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
}

variable "daily_spend_alert_usd" {
  description = "An alert goes out when the model calls of 24 hours cost more than this; keep it below the daily budget."
  type        = number
  default     = 8
}

variable "api_invokers" {
  description = "Who may call the api, e.g. [\"group:shelf-team@example.com\"]. With nobody listed it is reachable from inside the project alone."
  type        = list(string)
  default     = []
}

variable "api_operators" {
  description = "E-mail addresses of the callers of the api that see and touch everybody's pictures, also those that were written straight to the bucket without an uploader, e.g. [\"you@example.com\"]. Everybody else sees what they uploaded themselves."
  type        = list(string)
  default     = []
}

variable "api_visibility" {
  description = "Whose pictures the callers of the api see and touch: \"own\", what they uploaded themselves, or \"team\", everybody's."
  type        = string
  default     = "own"
}

variable "allowed_origins" {
  description = "Web pages that may upload straight to the bucket by a signed address, e.g. [\"https://shop.example.com\"]. They still cannot call the api from a browser: Cloud Run refuses the preflight, which carries no token. docs/deploy.md, Web pages of yours, says what works."
  type        = list(string)
  default     = []
}

variable "alert_email" {
  description = "Address that alerts and budget notices go to; a group's address outlives its members. null sends none."
  type        = string
  default     = null
}

variable "least_right_share" {
  description = "An alert goes out when people judge less than this share of a week's answers to be right, of at least 20 that they judged; 0 switches it off."
  type        = number
  default     = 0.9
}

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
}

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
}

variable "batch" {
  description = "Pictures of the lane batch: half the price, answered within hours. A job is begun for `pictures` that wait, or for what has waited `collect_minutes`; it holds at most `max_pictures`, and all jobs of a model together `max_tokens` (Google's limit depends on the usage tier). A picture goes by flex and standard `reserve_minutes` before its patience ends."
  type = object({
    pictures        = optional(number, 500)
    collect_minutes = optional(number, 10)
    max_pictures    = optional(number, 10000)
    max_tokens      = optional(number, 10000000)
    reserve_minutes = optional(number, 60)
  })
  default  = {}
  nullable = false
}

variable "flex" {
  description = "The lane of half the price: how many of its calls wait in one instance of analyze-image beside those of the other lanes, and how many seconds one call may wait for capacity."
  type = object({
    max_concurrency = optional(number, 16)
    attempt_seconds = optional(number, 240)
  })
  default  = {}
  nullable = false
}

variable "api" {
  description = "What one instance of api has, how many there may be, how many requests of one caller each takes, how old its figures may be (each round reads up to 300 results), and the e-mail addresses of callers that may state another uploader than themselves."
  type = object({
    cpu                   = optional(number, 1)
    memory_mb             = optional(number, 512)
    concurrency           = optional(number, 40)
    min_instances         = optional(number, 0)
    max_instances         = optional(number, 4)
    requests_per_second   = optional(number, 50)
    requests_at_once      = optional(number, 500)
    figures_cache_seconds = optional(number, 15)
    delegates             = optional(list(string), [])
  })
  default  = {}
  nullable = false
}

variable "sweep" {
  description = "How many stuck or parked images one run of sweep takes up; there is a run every five minutes."
  type        = object({ images_per_run = optional(number, 2000) })
  default     = {}
  nullable    = false
}

variable "runaway" {
  description = "When executions are too many: of one image until it fails as RUNAWAY; of the images of a quarter of an hour, each on average, until the pipeline pauses itself (0 never; a healthy image needs 2); and for how many hours it then rests unless somebody lifts the pause."
  type = object({
    max_executions       = optional(number, 12)
    executions_per_image = optional(number, 6)
    pause_hours          = optional(number, 24)
  })
  default  = {}
  nullable = false
}

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
}

variable "webhook_secret" {
  description = "Secret that announcements are signed with (TF_VAR_webhook_secret): whsec_ and at least 24 random bytes in base64. Neither plan nor state holds it."
  type        = string
  default     = null
  sensitive   = true
  ephemeral   = true
}
