# All clauses of a filter have to be true; a job is satisfied with one of its filters.
resource "provisioning_scoping_filter" "northern_staff" {
  app_id      = "wiki"
  object_type = "user"
  name        = "northern-staff"

  clauses = [
    { attribute = "country", operator = "EQUALS", values = ["DK", "FI", "NO", "SE"] },
    { attribute = "userPrincipalName", operator = "NOT REGEX MATCH", value = "(?i)^(svc|test)-" },
    { attribute = "employeeId", operator = "IS NOT NULL" },
  ]
}
