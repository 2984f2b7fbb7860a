resource "provisioning_scim_connection" "test" {
  app_id   = "wiki"
  base_url = "https://wiki.example.com/scim/v2"
  oauth2 = {
    token_url        = "https://login.example.com/token"
    client_id        = "me"
    client_secret_wo = "secret"
  }
}
