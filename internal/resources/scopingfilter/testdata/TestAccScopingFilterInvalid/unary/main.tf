resource "provisioning_scoping_filter" "test" {
  app_id      = "wiki"
  object_type = "user"
  name        = "sales-only"
  clauses = [
    { attribute = "department", operator = "EQUALS", value = "Sales" },
    { attribute = "department", operator = "IS NULL", value = "x" },
  ]
}
