action "provisioning_on_demand" "pilot" {
  config {
    job_id = provisioning_job.wiki.id
    subjects = [
      { id = "ann@example.com" },
      { object_type = "group", id = "pilot" },
    ]
  }
}

# terraform apply -invoke=action.provisioning_on_demand.pilot runs it at any time; a trigger runs it with an apply.
resource "terraform_data" "pilot" {
  input = "2026-12-01"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.provisioning_on_demand.pilot]
    }
  }
}
