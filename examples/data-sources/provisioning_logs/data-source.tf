# What the job could not do since the new year, and what to do about it.
data "provisioning_logs" "failures" {
  job_id   = "wiki/main"
  since    = "2026-01-01T00:00:00Z"
  statuses = ["failure"]
}

output "wiki_failures" {
  value = {
    for record in data.provisioning_logs.failures.records :
    record.change_id => "${record.source_name}: ${record.error_code}. ${record.recommended_action}"
  }
}

# A plan that says so while accounts are failing.
check "wiki_is_healthy" {
  assert {
    condition     = length(data.provisioning_logs.failures.records) == 0
    error_message = "Accounts of the wiki could not be provisioned; see the output wiki_failures."
  }
}
