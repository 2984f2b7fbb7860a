resource "provisioning_scim_connection" "test" {
  app_id        = "wiki"
  base_url      = "https://wiki.example.com/scim/v2"
  compatibility = { members_per_patch = 0 }
}
