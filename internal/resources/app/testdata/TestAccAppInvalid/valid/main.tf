resource "provisioning_app" "test" {
  key          = "wiki"
  display_name = "Wiki"
}
