resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id                  = provisioning_app.wiki.id
  base_url                = "https://wiki.example.com/scim/v2"
  bearer_token_wo         = "second-token"
  bearer_token_wo_version = 1
  profile                 = "entra"
  timeout_seconds         = 90
  rate_limit              = { requests_per_second = 12.5, concurrency = 4, burst = 3 }
  compatibility = {
    update_method      = "put"
    bulk               = "off"
    members_per_patch  = 20
    verify_members     = true
    not_found_is_empty = false
  }
  tls      = { server_name = "wiki.internal" }
  timeouts = { update = "30s" }
}
