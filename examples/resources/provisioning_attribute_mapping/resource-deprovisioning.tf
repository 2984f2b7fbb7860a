# What becomes of the accounts of people who leave. Events that are not listed have the defaults.
resource "provisioning_attribute_mapping" "leavers" {
  app_id      = "helpdesk"
  object_type = "user"
  preset      = "entra-default"

  deprovisioning = {
    "unassigned"   = { action = "delete", after_days = 30 }
    "disabled"     = { action = "none" }
    "soft_deleted" = { action = "set_attributes", attributes = { "active" = "False", "title" = "Former colleague" } }
  }
}
