# OAuth 2.0 client credentials with a client secret.
variable "wiki_client_secret" {
  type      = string
  ephemeral = true
}

resource "provisioning_scim_connection" "wiki" {
  app_id   = "wiki"
  base_url = "https://wiki.example.com/scim/v2"

  oauth2 = {
    token_url                = "https://login.example.com/oauth2/token"
    client_id                = "provisioning"
    client_authentication    = "basic" # or "body", the default
    client_secret_wo         = var.wiki_client_secret
    client_secret_wo_version = 1
    scopes                   = ["scim.read", "scim.write"]
    token_parameters         = { audience = "https://wiki.example.com" }
  }
}
