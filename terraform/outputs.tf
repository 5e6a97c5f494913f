# Written by `npm run build:terraform` from modules/pipeline: change it there.

output "upload_command" {
  description = "Uploads a picture; the first folder names the profile."
  value       = module.pipeline.upload_command
}

output "watch_command" {
  description = "Follows what happens to pictures."
  value       = module.pipeline.watch_command
}

output "api_url" {
  description = "The api and the console. From this machine: the command of api_command."
  value       = module.pipeline.api_url
}

output "api_command" {
  description = "Opens the console on http://127.0.0.1:8080 as the person who is logged in with gcloud (one of api_invokers)."
  value       = module.pipeline.api_command
}

output "buckets" {
  description = "Names of the buckets for uploads and for prepared pictures."
  value       = module.pipeline.buckets
}

output "database" {
  description = "Name of the Firestore database that holds the results."
  value       = module.pipeline.database
}

output "dashboard_url" {
  description = "Address of the dashboard."
  value       = module.pipeline.dashboard_url
}

output "dead_letters_command" {
  description = "Shows what could not be delivered, and leaves it there."
  value       = module.pipeline.dead_letters_command
}

output "replay_command" {
  description = "Puts what could not be delivered back to work."
  value       = module.pipeline.replay_command
}

output "pipeline_environment" {
  description = "Tells `npx pipeline` where this deployment is: eval \"$(terraform output -raw pipeline_environment)\"."
  value       = module.pipeline.pipeline_environment
}

output "model_capacity" {
  description = "How the model's quota is shared out: instances x concurrency never exceeds the calls that the quota keeps in flight."
  value       = module.pipeline.model_capacity
}

output "services" {
  description = "Name of each function's Cloud Run service, for rollouts."
  value       = module.pipeline.services
}

output "region" {
  description = "Where everything lies, for rollouts."
  value       = module.pipeline.region
}

output "smoke_object" {
  description = "An upload of this name goes through the revisions tagged candidate alone."
  value       = module.pipeline.smoke_object
}
