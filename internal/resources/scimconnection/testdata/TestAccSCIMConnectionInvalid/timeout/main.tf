resource "provisioning_scim_connection" "test" {
  app_id          = "wiki"
  base_url        = "https://wiki.example.com/scim/v2"
  timeout_seconds = 0
}
