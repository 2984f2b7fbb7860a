resource "provisioning_app" "test" {
  key          = "wiki"
  display_name = "Team wiki"

  timeouts = {
    create = "30s"
    read   = "30s"
    update = "30s"
    delete = "30s"
  }
}
