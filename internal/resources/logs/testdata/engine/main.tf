variable "base_url" {
  type = string
}

variable "people" {
  type = string
}

variable "failures_since" {
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

data "provisioning_logs" "all" {
  job_id  = provisioning_job.wiki.id
  details = true
}

data "provisioning_logs" "first" {
  job_id = provisioning_job.wiki.id
  limit  = 1
}

data "provisioning_logs" "failures" {
  job_id      = provisioning_job.wiki.id
  since       = var.failures_since
  until       = "9999-01-01T00:00:00Z"
  actions     = ["create", "other"]
  statuses    = ["failure", "warning"]
  object_type = "user"
  object      = "id-cem-2"
  error_code  = "DuplicateSourceEntries"
}

# Every filter of the first, on its own record.
data "provisioning_logs" "one" {
  job_id    = provisioning_job.wiki.id
  cycle_id  = data.provisioning_logs.all.records[0].cycle_id
  change_id = data.provisioning_logs.all.records[0].change_id
}
