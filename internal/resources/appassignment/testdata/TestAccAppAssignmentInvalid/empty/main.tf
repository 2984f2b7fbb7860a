resource "provisioning_app_assignment" "test" {
  app_id    = "wiki"
  name      = "board"
  group_ids = []
}
