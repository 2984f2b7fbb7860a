# Gates of your own, next to or instead of limits. This job refers to drafts that another part of the configuration manages.
resource "provisioning_job" "crm" {
  app_id        = "crm"
  source_id     = "people"
  connection_id = "crm/scim"
  mapping_ids   = ["crm/user"]

  # An unknown impact is an error instead of a warning.
  require_known_impact = true

  # Accounts in plans and state without names.
  preview_detail = "counts"

  # Destroying the job disables its accounts. It has to be applied before the job is removed.
  on_destroy = "disable"

  lifecycle {
    postcondition {
      condition     = self.planned_impact.delete_count == 0
      error_message = "This plan would delete accounts."
    }
  }
}

# Never blocks, but shows the number in every plan and in its JSON.
check "few_leavers" {
  assert {
    condition     = provisioning_job.crm.planned_impact.disable_count <= 10
    error_message = "${provisioning_job.crm.planned_impact.disable_count} accounts would be disabled."
  }
}
