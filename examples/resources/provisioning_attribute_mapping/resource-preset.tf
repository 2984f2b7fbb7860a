# Microsoft's table of default mappings, with an attribute left out, one overridden and one added.
resource "provisioning_attribute_mapping" "preset" {
  app_id      = "crm"
  object_type = "user"
  preset      = "entra-default"
  exclude     = ["title"]

  attributes = {
    "displayName" = { expression = "Join(\", \", [surname], [givenName])" }
    "timezone"    = { default_value = "Europe/London" }
  }
}
