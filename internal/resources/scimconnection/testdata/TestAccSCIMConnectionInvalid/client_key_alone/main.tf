resource "provisioning_scim_connection" "test" {
  app_id                  = "wiki"
  base_url                = "https://wiki.example.com/scim/v2"
  bearer_token_wo         = "token"
  bearer_token_wo_version = 1
  tls = {
    client_key_wo         = "x"
    client_key_wo_version = 1
  }
}
