variable "base_url" {
  type = string
}

variable "people" {
  type = string
}

variable "app" {
  type    = string
  default = "wiki"
}

variable "on_destroy" {
  type    = string
  default = null
}

variable "state" {
  type    = string
  default = null
}

variable "restart" {
  type = object({
    scope               = optional(set(string))
    acknowledge_orphans = optional(bool)
  })
  default = null
}

variable "active" {
  type    = string
  default = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")"
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = var.people }
}

resource "provisioning_app" "wiki" {
  key          = var.app
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "wiki" {
  app_id                  = provisioning_app.wiki.id
  base_url                = var.base_url
  bearer_token_wo         = "opensesame"
  bearer_token_wo_version = 1
}

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"    = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"      = { expression = var.active }
    "displayName" = { expression = "[displayName]" }
  }
}

resource "provisioning_attribute_mapping" "groups" {
  app_id      = provisioning_app.wiki.id
  object_type = "group"
  attributes = {
    "displayName" = { expression = "[displayName]", matching_precedence = 1 }
    "members"     = { expression = "[members]" }
  }
}

resource "provisioning_job" "wiki" {
  app_id        = provisioning_app.wiki.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.wiki.id
  mapping_ids   = [provisioning_attribute_mapping.users.id, provisioning_attribute_mapping.groups.id]
  on_destroy    = var.on_destroy
  state         = var.state
  restart       = var.restart
}
