resource "terraform_data" "later" {
  input = "department"
}

resource "provisioning_scoping_filter" "test" {
  app_id      = "wiki"
  object_type = "user"
  name        = "sales-only"
  clauses     = [{ attribute = terraform_data.later.output, operator = "REGEX MATCH", value = "(Sales" }]
}
