resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_app_assignment" "test" {
  app_id   = provisioning_app.wiki.id
  name     = "board"
  user_ids = ["u2", "u1"]
}
