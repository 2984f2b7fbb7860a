# The whole chain around mappings that a test describes in JSON.

variable "base_url" {
  type = string
}

variable "people" {
  type = string
}

variable "mappings" {
  type = string
}

variable "scope" {
  type    = string
  default = "all"
}

locals {
  mappings = jsondecode(var.mappings)
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = var.people }
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

resource "provisioning_attribute_mapping" "test" {
  app_id            = provisioning_app.wiki.id
  object_type       = "user"
  preset            = try(local.mappings.user.preset, null)
  exclude           = try(local.mappings.user.exclude, null)
  attributes        = try(local.mappings.user.attributes, null)
  source_attributes = try(local.mappings.user.source_attributes, null)
  target_attributes = try(local.mappings.user.target_attributes, null)
  deprovisioning    = try(local.mappings.user.deprovisioning, null)
}

resource "provisioning_attribute_mapping" "groups" {
  count       = can(local.mappings.group) ? 1 : 0
  app_id      = provisioning_app.wiki.id
  object_type = "group"
  preset      = local.mappings.group.preset
}

resource "provisioning_job" "wiki" {
  app_id        = provisioning_app.wiki.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.wiki.id
  mapping_ids   = concat([provisioning_attribute_mapping.test.id], provisioning_attribute_mapping.groups[*].id)
  scope         = var.scope
}
