variable "wiki_token" {
  type      = string
  ephemeral = true
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

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"    = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"      = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName" = { expression = "[displayName]" }
  }
}

resource "provisioning_scoping_filter" "sales" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "sales-only"
  clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }]
}

# The job commits all of the above. Everything else is a draft until then.
resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.sales.id]

  # A plan, and an apply, that would take more than this away fails.
  limits = {
    max_disable = 20
    max_delete  = 5
    max_percent = 10
  }
}

output "who_loses_access" {
  value = provisioning_job.wiki.planned_impact.accounts
}
