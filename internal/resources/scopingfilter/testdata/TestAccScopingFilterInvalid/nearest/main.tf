resource "provisioning_scoping_filter" "test" {
  app_id      = "wiki"
  object_type = "user"
  name        = "sales-only"
  clauses     = [{ attribute = "department", operator = "EQUAL", value = "Sales" }]
}
