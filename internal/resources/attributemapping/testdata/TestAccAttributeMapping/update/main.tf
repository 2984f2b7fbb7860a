resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_attribute_mapping" "test" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  actions     = ["update", "create"]
  attributes = {
    "userName"        = { expression = "[userPrincipalName]", matching_precedence = 2, flow_type = "ObjectAddOnly" }
    "externalId"      = { expression = "[objectId]", matching_precedence = 1 }
    "name.familyName" = { expression = "[surname]", default_value = "unknown" }

    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = { expression = "[department]" }
  }
  timeouts = { update = "30s" }
}
