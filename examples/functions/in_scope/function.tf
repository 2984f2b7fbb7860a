terraform {
  required_providers {
    provisioning = {
      source = "app-provisioning/provisioning"
    }
  }
}

locals {
  # Used by a provisioning_scoping_filter, and tried here with people made up for it.
  sales_only = [
    { attribute = "department", operator = "EQUALS", values = ["Sales"] },
    { attribute = "employeeId", operator = "IS NOT NULL" },
  ]
}

output "sales" {
  value = provider::provisioning::in_scope(local.sales_only, { department = "Sales", employeeId = "17" }) # true
}

output "without_id" {
  value = provider::provisioning::in_scope(local.sales_only, { department = "Sales" }) # false
}

# Every plan says so when the filter lets the wrong people in.
check "contractors_stay_out" {
  assert {
    condition     = !provider::provisioning::in_scope(local.sales_only, { department = "Sales", employeeId = "" })
    error_message = "A contractor, who has no employee id, is in scope."
  }
}
