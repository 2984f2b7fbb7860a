resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"

  attributes = {
    "userName"                       = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"                         = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName"                    = { expression = "[displayName]" }
    "name.familyName"                = { expression = "[surname]" }
    "emails[type eq \"work\"].value" = { expression = "[mail]" }
  }
}
