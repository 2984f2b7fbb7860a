resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id   = provisioning_app.wiki.id
  base_url = "https://wiki.example.com/scim/v2"

  oauth2 = {
    token_url                = "https://login.example.com/oauth2/token?tenant=1"
    client_id                = "provisioner"
    client_secret_wo         = "first-client-secret"
    client_secret_wo_version = 1
  }
}
