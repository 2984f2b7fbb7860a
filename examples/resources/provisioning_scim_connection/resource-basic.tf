# A user name and a password.
variable "wiki_password" {
  type      = string
  ephemeral = true
}

resource "provisioning_scim_connection" "wiki" {
  app_id   = "wiki"
  base_url = "https://wiki.example.com/scim/v2"

  basic = {
    username            = "provisioning"
    password_wo         = var.wiki_password
    password_wo_version = 1
  }
}
