variable "departments" {
  type    = set(string)
  default = ["Sales", "Marketing"]
}

# Who would lose access if the wiki was only for these departments? Nothing is written.
data "provisioning_preview" "departments" {
  job_id = "wiki/main"
  scoping_filters = [{
    name        = "department"
    object_type = "user"
    clauses     = [{ attribute = "department", operator = "EQUALS", values = var.departments }]
  }]
  limits         = { max_disable = 10 }
  preview_detail = "counts"
}

output "would_lose_access" {
  value = data.provisioning_preview.departments.planned_impact.disable_count
}

check "departments" {
  assert {
    condition     = length(data.provisioning_preview.departments.limit_violations) == 0
    error_message = join("\n", data.provisioning_preview.departments.limit_violations[*].message)
  }
}
