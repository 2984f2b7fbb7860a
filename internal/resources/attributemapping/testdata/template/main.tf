# The chain around an app whose template varies.

variable "base_url" {
  type = string
}

variable "people" {
  type = string
}

variable "template" {
  type    = string
  default = null
}

variable "profile" {
  type    = string
  default = null
}

variable "groups" {
  type    = bool
  default = false
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = var.people }
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
  template     = var.template
}

resource "provisioning_scim_connection" "wiki" {
  app_id                  = provisioning_app.wiki.id
  base_url                = var.base_url
  profile                 = var.profile
  bearer_token_wo         = "opensesame"
  bearer_token_wo_version = 1
}

resource "provisioning_attribute_mapping" "test" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  preset      = "template"
  exclude     = var.template == "slack" || var.template == "airtable" ? ["title"] : null
  attributes  = { nickName = { expression = "[mailNickname]" } }
}

resource "provisioning_attribute_mapping" "groups" {
  count       = var.groups ? 1 : 0
  app_id      = provisioning_app.wiki.id
  object_type = "group"
  preset      = "template"
}

resource "provisioning_job" "wiki" {
  app_id        = provisioning_app.wiki.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.wiki.id
  mapping_ids   = concat([provisioning_attribute_mapping.test.id], provisioning_attribute_mapping.groups[*].id)
  scope         = "all"
}
