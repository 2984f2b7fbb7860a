resource "provisioning_scim_connection" "test" {
  app_id                  = "wiki"
  base_url                = "https://wiki.example.com/scim/v2/Users"
  bearer_token_wo         = "first-token"
  bearer_token_wo_version = 1
}
