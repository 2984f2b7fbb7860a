resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"

  attributes = {
    "userName"                       = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"                         = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName"                    = { expression = "[displayName]", default_value = "(no name)" }
    "name.givenName"                 = { expression = "[givenName]" }
    "name.familyName"                = { expression = "[surname]" }
    "emails[type eq \"work\"].value" = { expression = "[mail]" }
    "externalId"                     = { expression = "[objectId]", flow_type = "ObjectAddOnly" }

    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = { expression = "[department]" }
  }
}
