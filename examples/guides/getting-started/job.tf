resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.sales.id]
  scope              = "all"
  state              = "started"
  run                = "on_apply"
  limits             = { max_disable = 20, max_delete = 5, max_percent = 10 }
}
