resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id   = provisioning_app.wiki.id
  name     = "second"
  base_url = "https://wiki.example.com/scim/v2"

  basic = {
    username            = "provisioner"
    password_wo         = "password-of-the-user"
    password_wo_version = 1
  }
}
