variable "base_url" {
  type = string
}

variable "people" {
  type = string
}

variable "nested_groups" {
  type    = bool
  default = null
}

variable "parameters" {
  type    = map(string)
  default = null
}

variable "default_domain" {
  type    = string
  default = null
}

variable "title" {
  type    = string
  default = "[displayName]"
}

resource "provisioning_source" "people" {
  key            = "people"
  default_domain = var.default_domain
  file           = { path = var.people }
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

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"    = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"      = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName" = { expression = var.title }
  }
}

resource "provisioning_app_assignment" "staff" {
  app_id    = provisioning_app.wiki.id
  name      = "staff"
  group_ids = ["g-staff"]
}

resource "provisioning_job" "wiki" {
  app_id         = provisioning_app.wiki.id
  source_id      = provisioning_source.people.id
  connection_id  = provisioning_scim_connection.wiki.id
  mapping_ids    = [provisioning_attribute_mapping.users.id]
  assignment_ids = [provisioning_app_assignment.staff.id]
  scope          = "assigned"
  nested_groups  = var.nested_groups
  parameters     = var.parameters
}
