# People of the sales department get an account in the wiki.

terraform {
  required_version = ">= 1.11"
  required_providers {
    provisioning = {
      source = "app-provisioning/provisioning"
    }
  }
}

provider "provisioning" {} # embedded engine, ./provisioning.db

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
  base_url                = "http://127.0.0.1:8585/scim/v2"
  bearer_token_wo         = var.token
  bearer_token_wo_version = 1
}

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"                       = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"                         = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "name.familyName"                = { expression = "[surname]" }
    "emails[type eq \"work\"].value" = { expression = "[mail]" }
  }
}

resource "provisioning_scoping_filter" "sales" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "sales-only"
  clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }]
}

resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.sales.id]
  scope              = "all"
  state              = "started"
  run                = "on_apply"
  limits             = { max_disable = 5, max_delete = 0, max_percent = 50 }
}
