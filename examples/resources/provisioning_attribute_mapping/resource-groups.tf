# Groups with their members; groups are created and updated, but never deleted.
resource "provisioning_attribute_mapping" "groups" {
  app_id      = "wiki"
  object_type = "group"
  actions     = ["create", "update"]

  attributes = {
    "displayName" = { expression = "[displayName]", matching_precedence = 1 }
    "externalId"  = { expression = "[objectId]" }
    "members"     = { expression = "[members]" }
  }
}
