variable "base_url" {
  type = string
}

variable "people" {
  type = string
}

variable "subjects" {
  type = set(object({ object_type = optional(string), id = string }))
}

variable "round" {
  type    = string
  default = null
}

variable "name" {
  type    = string
  default = "main"
}

variable "create_timeout" {
  type    = string
  default = null
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

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"    = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"      = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
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
  name          = var.name
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.wiki.id
  mapping_ids   = [provisioning_attribute_mapping.users.id, provisioning_attribute_mapping.groups.id]
  run           = "manual"
}

resource "provisioning_on_demand" "pilot" {
  job_id   = provisioning_job.wiki.id
  subjects = var.subjects
  triggers = var.round == null ? null : { round = var.round }
  timeouts = var.create_timeout == null ? null : { create = var.create_timeout }
}

# A second one of the same job, which Terraform starts at the same time.
resource "provisioning_on_demand" "same" {
  job_id   = provisioning_job.wiki.id
  subjects = [{ id = "id-zoe" }]
}
