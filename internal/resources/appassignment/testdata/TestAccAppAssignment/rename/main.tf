resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_app_assignment" "test" {
  app_id    = provisioning_app.wiki.id
  name      = "directors"
  group_ids = ["g1"]
}
