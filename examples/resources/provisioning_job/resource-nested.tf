# Everybody in the assigned groups and in the groups inside them, at any depth, gets an account.
resource "provisioning_job" "intranet" {
  app_id         = "intranet"
  source_id      = "people"
  connection_id  = "intranet/scim"
  mapping_ids    = ["intranet/user"]
  assignment_ids = ["intranet/staff"]
  scope          = "assigned"
  nested_groups  = true

  # What %Prefix% and %Region% stand for in the expressions of the mappings.
  parameters = {
    Prefix = "ext-"
    Region = "emea"
  }
}
