resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scoping_filter" "sales" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "sales-only"
  clauses     = [{ attribute = "department", operator = "EQUALS", value = "Sales" }]
}
