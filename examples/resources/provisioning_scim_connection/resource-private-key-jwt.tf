# OAuth 2.0 client credentials with an assertion that is signed with a private key.
variable "wiki_private_key" {
  description = "Private key of the client, in PEM."
  type        = string
  ephemeral   = true
}

resource "provisioning_scim_connection" "wiki" {
  app_id   = "wiki"
  base_url = "https://wiki.example.com/scim/v2"

  oauth2 = {
    token_url              = "https://login.example.com/oauth2/token"
    client_id              = "provisioning"
    client_authentication  = "private_key_jwt"
    private_key_wo         = var.wiki_private_key
    private_key_wo_version = 1
    key_id                 = "2026-11"
    audience               = "https://login.example.com" # default: token_url
    scopes                 = ["scim.write"]
  }
}
