variable "base_url" {
  type = string
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "wiki" {
  app_id                  = provisioning_app.wiki.id
  base_url                = var.base_url
  bearer_token_wo         = "opensesame"
  bearer_token_wo_version = 1
}

data "provisioning_scim_schema" "all" {
  connection_id = provisioning_scim_connection.wiki.id
}

data "provisioning_scim_schema" "groups" {
  connection_id = provisioning_scim_connection.wiki.id
  object_type   = "group"
}
