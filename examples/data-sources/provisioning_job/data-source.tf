# A job that another configuration manages.
data "provisioning_job" "wiki" {
  app_id = "wiki"
}

output "wiki_accounts" {
  value = data.provisioning_job.wiki.managed_account_count
}

output "wiki_last_cycle_failed" {
  value = try(data.provisioning_job.wiki.last_cycle.failed_count > 0, false)
}
