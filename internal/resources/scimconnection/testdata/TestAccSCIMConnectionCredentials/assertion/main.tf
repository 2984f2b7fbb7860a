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

  oauth2 = {
    token_url              = "https://login.example.com/oauth2/token"
    client_id              = "provisioner"
    client_authentication  = "private_key_jwt"
    private_key_wo         = var.key
    private_key_wo_version = 1
    key_id                 = "key-1"
    audience               = "https://login.example.com"
  }

  tls = {
    ca_bundle_pem = var.certificate
  }
}
