resource "provisioning_job" "wiki" {
  app_id                      = "wiki"
  name                        = "nightly"
  source_id                   = "people"
  connection_id               = "wiki/main"
  mapping_ids                 = ["wiki/user", "wiki/group"]
  scoping_filter_ids          = []
  assignment_ids              = ["wiki/pilot"]
  scope                       = "assigned"
  nested_groups               = true
  parameters                  = { Prefix = "ext-", Domain = "example.com" }
  state                       = "started"
  run                         = "on_apply"
  limits                      = { max_disable = 20, max_delete = 5, max_percent = 99.5, percent_floor = 50, users = { max_disable = 15 } }
  on_destroy                  = "keep"
  on_unplanned                = "fail"
  skip_out_of_scope_deletions = true
  log_retention_days          = 90
  preview_detail              = "counts"
  require_known_impact        = true
  timeouts                    = { create = "30m", read = "1m", update = "30m", delete = "30m" }
}

data "provisioning_job" "by_id" {
  id = provisioning_job.wiki.id
}

data "provisioning_job" "by_keys" {
  app_id = provisioning_job.wiki.app_id
  name   = provisioning_job.wiki.name
}
