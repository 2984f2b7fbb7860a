resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_attribute_mapping" "test" {
  app_id      = provisioning_app.wiki.id
  object_type = "group"
  enabled     = false
  attributes = {
    "displayName" = { expression = "[displayName]", matching_precedence = 1 }
    "members"     = { expression = "[members]" }
  }
}
