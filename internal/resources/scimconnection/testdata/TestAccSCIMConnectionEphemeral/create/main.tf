variable "token" {
  type      = string
  ephemeral = true
}

resource "terraform_data" "host" {
  input = "wiki.example.com"
}

resource "provisioning_scim_connection" "test" {
  app_id                  = "wiki"
  base_url                = "https://${terraform_data.host.output}/scim/v2"
  bearer_token_wo         = var.token
  bearer_token_wo_version = 1
}
