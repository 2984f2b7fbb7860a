# The first few people of a new application, before its job is let loose on everybody.
resource "provisioning_on_demand" "pilot" {
  job_id = "crm/main"
  subjects = [
    { id = "ann@example.com" },
    { id = "7d1f3b1c-5a0e-4c39-9d38-0c1c1f0b6a01" },
    { object_type = "group", id = "Pilot" },
  ]

  # Another value provisions them again.
  triggers = { round = "1" }

  lifecycle {
    # Somebody who fails is a warning. This makes it an error.
    postcondition {
      condition     = alltrue([for r in self.results : r.result != "failure"])
      error_message = "Not everybody of the pilot could be provisioned; see results."
    }
  }
}
