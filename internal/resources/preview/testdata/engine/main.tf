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

# The job has pending changes, so this waits until apply.
data "provisioning_preview" "after" {
  job_id = provisioning_job.wiki.id
}
