resource "provisioning_app_assignment" "test" {
  app_id   = "wiki"
  name     = "board"
  user_ids = ["u1"]
}
