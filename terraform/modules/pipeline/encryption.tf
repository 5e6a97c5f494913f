# Each Google service encrypts with the key under an account of its own.
resource "google_kms_crypto_key_iam_member" "agent" {
  for_each = { for service, agent in local.service_agents : service => agent if var.kms_key != null && var.kms_key_grants }

  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:${each.value}"

  depends_on = [google_project_service.required]
}
