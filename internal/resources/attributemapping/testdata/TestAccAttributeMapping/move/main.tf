resource "provisioning_app" "handbook" {
  key          = "handbook"
  display_name = "Handbook"
}

resource "provisioning_attribute_mapping" "test" {
  app_id      = provisioning_app.handbook.id
  object_type = "group"
  attributes  = { "displayName" = { expression = "[displayName]", matching_precedence = 1 } }
}
