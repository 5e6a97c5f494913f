output "account" {
  description = "The function's own account, as IAM writes it."
  value       = "serviceAccount:${local.account}"
}

output "account_id" {
  description = "Resource name of the function's own account."
  value       = "projects/${var.project}/serviceAccounts/${local.account}"
}

output "uid" {
  description = "Changes when the function is recreated."
  value       = google_cloudfunctions2_function.this.id
}

output "service" {
  description = "Name of the Cloud Run service that carries the function."
  value       = google_cloudfunctions2_function.this.name
}

output "url" {
  value = local.url
}

output "topic" {
  description = "Resource name of the topic that feeds the function; null without a trigger."
  value       = local.topic
}

output "subscription" {
  value = one([for subscription in google_pubsub_subscription.push : subscription.name])
}

output "dead_letters" {
  description = "Subscription that keeps what could not be delivered."
  value       = one([for subscription in google_pubsub_subscription.dead_letters : subscription.name])
}
