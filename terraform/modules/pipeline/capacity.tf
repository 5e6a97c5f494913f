locals {
  # Little's law: a quota of r requests per minute, each taking s seconds, keeps r * s / 60 of them in flight.
  model_slots = max(1, floor(var.gemini.requests_per_minute * var.gemini.seconds_per_picture / 60))

  # As few instances as carry the slots; instances x concurrency never exceeds them.
  analyze_instances   = ceil(local.model_slots / var.analyze.max_concurrency)
  analyze_concurrency = floor(local.model_slots / local.analyze_instances)
}
