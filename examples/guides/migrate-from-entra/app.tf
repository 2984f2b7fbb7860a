variable "scim_token" {
  description = "Bearer token of the SCIM endpoint."
  type        = string
  ephemeral   = true
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Contoso Wiki"
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}

resource "provisioning_scim_connection" "wiki" {
  app_id                  = provisioning_app.wiki.id
  base_url                = "https://wiki.example.com/scim/v2"
  bearer_token_wo         = var.scim_token
  bearer_token_wo_version = 1
}
