resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id   = provisioning_app.wiki.id
  base_url = "https://wiki.example.com/scim/v2"

  bearer_token_wo         = "the-bearer-token"
  bearer_token_wo_version = 1

  proxy = {
    url = "http://proxy.example.com:3128"
  }
}
