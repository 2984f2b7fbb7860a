resource "provisioning_app_assignment" "staff" {
  app_id    = provisioning_app.wiki.id
  name      = "staff"
  group_ids = ["0b1f3c6e-58a2-4a0e-9d5c-2f7f0c1f9a11"]
}

resource "provisioning_job" "wiki" {
  app_id        = provisioning_app.wiki.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.wiki.id
  mapping_ids = [
    provisioning_attribute_mapping.user.id,
    provisioning_attribute_mapping.group.id,
  ]
  scoping_filter_ids = [provisioning_scoping_filter.sales_only.id]
  assignment_ids     = [provisioning_app_assignment.staff.id]
  scope              = "assigned"
  state              = "paused" # then "started"
  limits             = { max_disable = 20, max_delete = 5 }
}
