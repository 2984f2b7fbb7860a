variable "wiki_token" {
  description = "Bearer token of the wiki's SCIM endpoint."
  type        = string
  ephemeral   = true
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "wiki" {
  app_id                  = provisioning_app.wiki.id
  base_url                = "https://wiki.example.com/scim/v2"
  bearer_token_wo         = var.wiki_token
  bearer_token_wo_version = 1
}
