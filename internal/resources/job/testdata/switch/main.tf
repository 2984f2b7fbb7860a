variable "use_new" {
  type = bool
}

resource "provisioning_scoping_filter" "old" {
  count = var.use_new ? 0 : 1

  app_id = "wiki"
  name   = "old"
  value  = "IT"
}

resource "provisioning_scoping_filter" "new" {
  count = var.use_new ? 1 : 0

  app_id = "wiki"
  name   = "new"
  value  = "Sales"
}

resource "provisioning_job" "wiki" {
  app_id             = "wiki"
  source_id          = "people"
  connection_id      = "wiki/main"
  mapping_ids        = ["wiki/user"]
  scoping_filter_ids = concat(provisioning_scoping_filter.old[*].id, provisioning_scoping_filter.new[*].id)
}
