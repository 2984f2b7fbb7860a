resource "provisioning_attribute_mapping" "test" {
  app_id      = "wiki"
  object_type = "user"
  enabled     = false
  attributes = {
    "userName" = { expression = "[userPrincipalName]", matching_precedence = 1 }

  }
}
