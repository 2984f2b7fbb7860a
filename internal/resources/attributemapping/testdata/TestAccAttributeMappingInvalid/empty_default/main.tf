resource "provisioning_attribute_mapping" "test" {
  app_id      = "wiki"
  object_type = "user"

  attributes = {
    "userName"    = { expression = "[userPrincipalName]", matching_precedence = 1 }
    "displayName" = { expression = "[displayName]", default_value = "" }
  }
}
