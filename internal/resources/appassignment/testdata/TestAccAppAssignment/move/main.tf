resource "provisioning_app" "handbook" {
  key          = "handbook"
  display_name = "Handbook"
}

resource "provisioning_app_assignment" "test" {
  app_id    = provisioning_app.handbook.id
  name      = "directors"
  user_ids  = ["u1"]
  group_ids = ["g1"]
  timeouts  = { create = "30s" }
}
