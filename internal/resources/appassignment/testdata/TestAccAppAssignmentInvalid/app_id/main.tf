resource "provisioning_app_assignment" "test" {
  app_id   = "wiki/main"
  name     = "board"
  user_ids = ["u1"]
}
