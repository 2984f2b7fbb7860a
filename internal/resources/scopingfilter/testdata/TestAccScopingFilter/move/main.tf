resource "provisioning_app" "handbook" {
  key          = "handbook"
  display_name = "Handbook"
}

resource "provisioning_scoping_filter" "test" {
  app_id      = provisioning_app.handbook.id
  object_type = "user"
  name        = "teams"
  clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }]
}
