variable "slack_token" {
  description = "Token of a Slack administrator with the scope admin."
  type        = string
  ephemeral   = true
}

resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}

resource "provisioning_app" "slack" {
  key          = "slack"
  display_name = "Slack"
  template     = "slack"
}

# What is not said here comes from the template: the rate limit, for example.
resource "provisioning_scim_connection" "slack" {
  app_id                  = provisioning_app.slack.id
  base_url                = "https://api.slack.com/scim/v2"
  bearer_token_wo         = var.slack_token
  bearer_token_wo_version = 1
}

# The template's table, with one attribute of our own and without another.
resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.slack.id
  object_type = "user"
  preset      = "template"
  exclude     = ["title"]

  attributes = {
    nickName = { expression = "[givenName]" }
  }
}

resource "provisioning_attribute_mapping" "groups" {
  app_id      = provisioning_app.slack.id
  object_type = "group"
  preset      = "template"
}

resource "provisioning_job" "slack" {
  app_id        = provisioning_app.slack.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.slack.id
  mapping_ids   = [provisioning_attribute_mapping.users.id, provisioning_attribute_mapping.groups.id]
  scope         = "all"
}
