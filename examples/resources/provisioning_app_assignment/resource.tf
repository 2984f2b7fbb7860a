resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

# With scope = "assigned" in the job, only these people and the direct members of these groups get accounts.
resource "provisioning_app_assignment" "board" {
  app_id    = provisioning_app.wiki.id
  name      = "board"
  user_ids  = ["7d1f3b1c-5a0e-4c39-9d38-0c1c1f0b6a01"]
  group_ids = ["2f9c8a54-77f4-4d0d-8f0c-3a1c0a9be6d2"]
}
