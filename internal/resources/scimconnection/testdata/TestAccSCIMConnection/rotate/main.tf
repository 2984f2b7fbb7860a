resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id                  = provisioning_app.wiki.id
  base_url                = "https://wiki.example.com/scim/v2"
  bearer_token_wo         = "second-token"
  bearer_token_wo_version = 2
  profile                 = "rfc"
  compatibility           = { verify_members = false }
  rate_limit              = { requests_per_second = 12.5 }
  tls                     = { server_name = "wiki.internal" }
  timeouts                = { update = "30s" }
}
