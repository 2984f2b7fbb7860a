resource "terraform_data" "pattern" {
  input = "^Sales"
}

resource "provisioning_scoping_filter" "test" {
  app_id      = "wiki"
  object_type = "user"
  name        = "sales-only"
  clauses     = [{ attribute = "department", operator = "REGEX MATCH", value = terraform_data.pattern.output }]
}
