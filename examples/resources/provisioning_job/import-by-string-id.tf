import {
  to = provisioning_job.wiki
  id = "wiki/main"
}
