variable "base_url" {
  type = string
}

variable "people" {
  type = string
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
    "title"       = { expression = "Redact([jobTitle])" }
  }
}

resource "provisioning_scoping_filter" "people" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "department"
  clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }]
}

resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.people.id]
  on_destroy         = "delete"
}


data "provisioning_preview" "committed" {
  job_id = "wiki/main"
}

data "provisioning_preview" "narrowed" {
  job_id          = "wiki/main"
  scoping_filters = local.narrowed
}

data "provisioning_preview" "counted" {
  job_id          = "wiki/main"
  scoping_filters = local.narrowed
  limits          = { max_disable = 1 }
  preview_detail  = "counts"
}

data "provisioning_preview" "left_alone" {
  job_id                      = "wiki/main"
  scoping_filters             = local.narrowed
  skip_out_of_scope_deletions = true
}

data "provisioning_preview" "widened" {
  job_id             = "wiki/main"
  scoping_filter_ids = []
}

data "provisioning_preview" "added" {
  job_id = "wiki/main"
  scoping_filters = [{
    name        = "it"
    object_type = "user"
    clauses     = [{ attribute = "department", operator = "EQUALS", values = ["IT"] }]
  }]
}

data "provisioning_preview" "assigned" {
  job_id = "wiki/main"
  scope  = "assigned"
}

locals {
  narrowed = [{
    name        = "department"
    object_type = "user"
    clauses     = [{ attribute = "department", operator = "EQUALS", value = "IT" }]
  }]
}
