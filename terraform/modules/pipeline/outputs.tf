output "upload_command" {
  description = "Uploads a picture; the first folder names the profile."
  value       = "gcloud storage cp photo.jpg gs://${google_storage_bucket.this["uploads"].name}/describe/"
}

output "watch_command" {
  description = "Follows what happens to pictures."
  value       = "gcloud beta logging tail 'resource.type=\"cloud_run_revision\" AND resource.labels.service_name=~\"^${var.name}-\"' --project=${var.project} --format='value(timestamp,jsonPayload.message,jsonPayload.ref.name,jsonPayload.code)'"
}

output "api_url" {
  description = "The api and the console. From this machine: the command of api_command."
  value       = module.function["api"].url
}

output "api_command" {
  description = "Opens the console on http://127.0.0.1:8080 as the person who is logged in with gcloud (one of api_invokers)."
  value       = "gcloud run services proxy ${module.function["api"].service} --project=${var.project} --region=${var.region} --port=8080"
}

output "buckets" {
  description = "Names of the buckets for uploads and for prepared pictures."
  value       = { for key in ["uploads", "prepared"] : key => google_storage_bucket.this[key].name }
}

output "database" {
  description = "Name of the Firestore database that holds the results."
  value       = google_firestore_database.results.name
}

output "dashboard_url" {
  description = "Address of the dashboard."
  value       = "https://console.cloud.google.com/monitoring/dashboards/builder/${element(split("/", google_monitoring_dashboard.pipeline.id), -1)}?project=${var.project}"
}

output "dead_letters_command" {
  description = "Shows what could not be delivered, and leaves it there."
  value = [
    for name, function in module.function : "gcloud pubsub subscriptions pull ${function.dead_letters} --project=${var.project} --limit=20 --format=json"
    if function.dead_letters != null
  ]
}

output "replay_command" {
  description = "Puts what could not be delivered back to work."
  value       = "npx pipeline replay --dead-letters --project ${var.project} --bucket ${local.buckets.uploads} --database ${local.database}"
}

output "pipeline_environment" {
  description = "Tells `npx pipeline` where this deployment is: eval \"$(terraform output -raw pipeline_environment)\"."
  value = join("\n", [
    for name, value in {
      GOOGLE_CLOUD_PROJECT = var.project
      UPLOADS_BUCKET       = local.buckets.uploads
      PREPARED_BUCKET      = local.buckets.prepared
      FIRESTORE_DATABASE   = local.database
      MAX_BYTES            = tostring(var.resize.max_bytes)
    } : "export ${name}=${value}"
  ])
}

output "model_capacity" {
  description = "How the model's quota is shared out: instances x concurrency never exceeds the calls that the quota keeps in flight."
  value = {
    requests_per_minute = var.gemini.requests_per_minute
    seconds_per_picture = var.gemini.seconds_per_picture
    calls_in_flight     = local.model_slots
    max_instances       = local.analyze_instances
    concurrency         = local.analyze_concurrency
    pictures_per_minute = floor(local.analyze_instances * local.analyze_concurrency * 60 / var.gemini.seconds_per_picture)
  }
}

output "services" {
  description = "Name of each function's Cloud Run service, for rollouts."
  value       = { for name, function in module.function : name => function.service }
}

output "region" {
  description = "Where everything lies, for rollouts."
  value       = var.region
}

output "smoke_object" {
  description = "An upload of this name goes through the revisions tagged candidate alone."
  value       = local.smoke_object
}
