resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_attribute_mapping" "test" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  attributes = {
    "userName"                       = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "active"                         = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "emails[type eq \"work\"].value" = { expression = "[mail]" }
  }
}
