resource "provisioning_scoping_filter" "test" {
  app_id      = "wiki"
  object_type = "device"
  name        = "sales-only"
  clauses     = []
}
