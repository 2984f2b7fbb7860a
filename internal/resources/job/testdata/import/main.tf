import {
  to = provisioning_job.wiki
  id = "wiki/main"
}

resource "provisioning_job" "wiki" {
  app_id        = "wiki"
  source_id     = "people"
  connection_id = "wiki/main"
  mapping_ids   = ["wiki/user"]
  limits        = { max_disable = 3 }
}
