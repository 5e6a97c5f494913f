locals {
  # Little's law: a quota of r requests per minute, each taking s seconds, keeps r * s / 60 of them in flight.
  model_slots = max(1, floor(var.gemini.requests_per_minute * var.gemini.seconds_per_picture / 60))

  # As few instances as carry the slots; instances x concurrency never exceeds them.
  analyze_instances   = ceil(local.model_slots / var.analyze.max_concurrency)
  analyze_concurrency = floor(local.model_slots / local.analyze_instances)

  # Flex answers in minutes: as long as Pub/Sub waits for an answer (600 seconds), with some room. A picture of another
  # lane keeps the limit of analyze.timeout_seconds, in the function itself.
  flex_timeout_seconds = 570
  # Afterward the standard lane still has its whole time.
  model_overall_seconds = var.analyze.timeout_seconds - 5 - max(10, local.has_fallback ? var.fallback.timeout_seconds : 0)
  flex_overall_seconds  = local.flex_timeout_seconds - 15 - local.model_overall_seconds
}
