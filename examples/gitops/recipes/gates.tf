# Gates inside Terraform, which nobody has to run. They use attributes of the plan; what is not known yet is judged at apply.

variable "max_losses" {
  type    = number
  default = 10
}

# Recipe 1: limits of the job itself. They bind the plan, the apply, and cycles without a plan.
# Recipe 2: a postcondition fails the plan, with words of your own.
resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = provisioning_scim_connection.wiki.id
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.people.id]
  limits             = { max_delete = 0 }

  # Not known is not approved.
  require_known_impact = true

  lifecycle {
    postcondition {
      condition     = self.planned_impact.disable_count + self.planned_impact.delete_count <= var.max_losses
      error_message = "${self.planned_impact.disable_count + self.planned_impact.delete_count} accounts would lose access, ${var.max_losses} may."
    }
    postcondition {
      condition     = !anytrue([for cause in self.planned_impact.causes : cause.cause == "mapping"])
      error_message = "A mapping would switch accounts off. Change the scope instead."
    }
  }
}

# Recipe 3: a check shows numbers in every plan and in its JSON, and never blocks.
check "nobody_is_held" {
  assert {
    condition     = !anytrue([for cause in provisioning_job.wiki.planned_impact.causes : cause.origin == "held"])
    error_message = "Accounts are held since an earlier apply, which did not show them. This apply takes them away."
  }
}
