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

  validation {
    condition     = var.batch.pictures >= 1 && var.batch.max_pictures >= 1 && var.batch.max_pictures <= 200000 && var.batch.max_tokens >= 1000
    error_message = "A batch job holds 1 to 200,000 pictures, and all jobs of a model at least 1,000 tokens."
  }

  validation {
    condition     = var.batch.collect_minutes >= 0 && var.batch.collect_minutes <= 1440 && var.batch.reserve_minutes >= 1 && var.batch.reserve_minutes <= 1440
    error_message = "Pictures wait 0 to 1440 minutes for others, and leave the batches 1 to 1440 minutes before their patience ends."
  }
}

variable "flex" {
  description = "The lane of half the price: how many of its calls wait in one instance of analyze-image beside those of the other lanes, and how many seconds one call may wait for capacity."
  type = object({
    max_concurrency = optional(number, 16)
    attempt_seconds = optional(number, 240)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.flex.max_concurrency >= 1 && var.flex.max_concurrency <= 200 && var.flex.attempt_seconds >= 1
    error_message = "1 to 200 flex calls wait in an instance, each for at least 1 second."
  }
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

  validation {
    condition     = var.api.concurrency >= 1 && var.api.concurrency <= 250 && (var.api.concurrency == 1 || var.api.cpu >= 1)
    error_message = "An instance of api takes 1 to 250 requests at a time, and more than one needs at least 1 cpu."
  }

  validation {
    condition     = var.api.memory_mb >= 512 && var.api.memory_mb <= 32768
    error_message = "The memory must be 512 to 32768 MB: every 8 MB carry one upload."
  }

  validation {
    condition     = var.api.max_instances >= 1 && var.api.max_instances <= 1000 && var.api.min_instances <= var.api.max_instances
    error_message = "There must be 1 to 1000 instances at most, and no more at least than at most."
  }

  validation {
    condition = alltrue([
      for rate in [var.api.requests_per_second, var.api.requests_at_once] : rate >= 1 && rate <= 100000 && floor(rate) == rate
    ])
    error_message = "A caller is allowed 1 to 100000 requests, a whole number: per second in the long run, and at once after a rest."
  }

  validation {
    condition     = var.api.figures_cache_seconds >= 0 && var.api.figures_cache_seconds <= 3600
    error_message = "Figures may be 0 to 3600 seconds old."
  }

  validation {
    condition     = alltrue([for one in var.api.delegates : can(regex("^[^@ ,:]+@[^@ ,]+\\.[^@ ,]+$", one))])
    error_message = "Write each delegate as the e-mail address of a caller, such as shop@my-project-123.iam.gserviceaccount.com, without its kind."
  }
}

variable "sweep" {
  description = "How many stuck or parked images one run of sweep takes up; there is a run every five minutes."
  type        = object({ images_per_run = optional(number, 2000) })
  default     = {}
  nullable    = false

  validation {
    condition     = var.sweep.images_per_run >= 1 && var.sweep.images_per_run <= 100000 && floor(var.sweep.images_per_run) == var.sweep.images_per_run
    error_message = "A run takes up 1 to 100000 images."
  }
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

  validation {
    condition     = var.runaway.max_executions >= 2 && var.runaway.max_executions <= 100 && floor(var.runaway.max_executions) == var.runaway.max_executions
    error_message = "An image is given 2 to 100 executions: a healthy one needs 2."
  }

  validation {
    condition     = (var.runaway.executions_per_image == 0 || var.runaway.executions_per_image > 2) && var.runaway.executions_per_image <= 1000 && floor(var.runaway.executions_per_image) == var.runaway.executions_per_image
    error_message = "The executions per image must be a whole number of more than 2, as a healthy image needs 2, or 0 for no check."
  }

  validation {
    condition     = var.runaway.pause_hours > 0 && var.runaway.pause_hours <= 168
    error_message = "The pause lasts up to 168 hours."
  }
}
