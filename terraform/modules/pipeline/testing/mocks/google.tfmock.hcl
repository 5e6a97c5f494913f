# What Google would make up, in Google's forms.
mock_data "google_project" {
  defaults = {
    number     = "123456789012"
    project_id = "my-project-123"
  }
}

mock_data "google_storage_project_service_account" {
  defaults = {
    email_address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
    member        = "serviceAccount:service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
  }
}

mock_resource "google_service_account" {
  defaults = {
    email  = "an-account@my-project-123.iam.gserviceaccount.com"
    member = "serviceAccount:an-account@my-project-123.iam.gserviceaccount.com"
    name   = "projects/my-project-123/serviceAccounts/an-account@my-project-123.iam.gserviceaccount.com"
    id     = "projects/my-project-123/serviceAccounts/an-account@my-project-123.iam.gserviceaccount.com"
  }
}

mock_resource "google_cloudfunctions2_function" {
  defaults = {
    id    = "projects/my-project-123/locations/europe-west1/functions/a-function"
    state = "ACTIVE"
    service_config = {
      uri     = "https://a-function-abc123-ew.a.run.app"
      service = "projects/my-project-123/locations/europe-west1/services/a-function"
    }
  }
}

mock_resource "google_pubsub_topic" {
  defaults = {
    id = "projects/my-project-123/topics/a-topic"
  }
}

mock_resource "google_artifact_registry_repository" {
  defaults = {
    id   = "projects/my-project-123/locations/europe-west1/repositories/pictures-functions"
    name = "pictures-functions"
  }
}

mock_resource "google_monitoring_dashboard" {
  defaults = {
    id = "projects/123456789012/dashboards/0a1b2c3d"
  }
}

mock_resource "google_monitoring_notification_channel" {
  defaults = {
    id   = "projects/my-project-123/notificationChannels/1"
    name = "projects/my-project-123/notificationChannels/1"
  }
}

mock_resource "google_secret_manager_secret" {
  defaults = {
    id = "projects/my-project-123/secrets/pictures-gemini-api-key"
  }
}

mock_resource "google_secret_manager_secret_version" {
  defaults = {
    version = "1"
  }
}
