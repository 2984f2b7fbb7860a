resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.people.id]
  limits             = var.limits
  on_destroy         = var.on_destroy
  on_unplanned       = var.on_unplanned
  preview_detail     = var.preview_detail
}
