resource "provisioning_app" "test" {
  key          = "Wiki 1"
  display_name = "Wiki"
}
