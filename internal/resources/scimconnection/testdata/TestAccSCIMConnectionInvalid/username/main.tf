resource "provisioning_scim_connection" "test" {
  app_id   = "wiki"
  base_url = "https://wiki.example.com/scim/v2"
  basic = {
    username            = "a:b"
    password_wo         = "pw"
    password_wo_version = 1
  }
}
