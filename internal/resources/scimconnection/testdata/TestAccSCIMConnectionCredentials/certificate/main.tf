variable "certificate" {
  type = string
}

variable "key" {
  type      = string
  ephemeral = true
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id   = provisioning_app.wiki.id
  base_url = "https://wiki.example.com/scim/v2"

  tls = {
    min_version            = "1.3"
    server_name            = "wiki.internal"
    client_certificate_pem = var.certificate
    client_key_wo          = var.key
    client_key_wo_version  = 1
  }
}
