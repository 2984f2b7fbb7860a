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
  name          = "main"
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.wiki.id
  mapping_ids   = [provisioning_attribute_mapping.users.id, provisioning_attribute_mapping.groups.id]
  run           = "manual"
}

action "provisioning_on_demand" "pilot" {
  config {
    job_id   = provisioning_job.wiki.id
    subjects = [{ id = "ann" }]
  }
}

resource "terraform_data" "pilot" {
  input = provisioning_job.wiki.id

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.provisioning_on_demand.pilot]
    }
  }
}
