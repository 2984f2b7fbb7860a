# A client certificate, alone. It also goes with a token or a password.
variable "wiki_client_certificate" {
  description = "Certificate of the client, followed by its chain, in PEM."
  type        = string
}

variable "wiki_client_private_key" {
  type      = string
  ephemeral = true
}

resource "provisioning_scim_connection" "wiki" {
  app_id   = "wiki"
  base_url = "https://wiki.example.com/scim/v2"

  tls = {
    client_certificate_pem = var.wiki_client_certificate
    client_key_wo          = var.wiki_client_private_key
    client_key_wo_version  = 1
  }
}
