resource "provisioning_scoping_filter" "people" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "department"
  clauses     = [{ attribute = "department", operator = "EQUALS", value = var.department }]
}
