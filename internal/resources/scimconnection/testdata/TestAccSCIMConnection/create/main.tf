resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id                  = provisioning_app.wiki.id
  base_url                = "http://127.0.0.1:8585/scim/v2"
  bearer_token_wo         = "first-token"
  bearer_token_wo_version = 1
}
