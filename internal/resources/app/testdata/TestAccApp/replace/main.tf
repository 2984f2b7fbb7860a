resource "provisioning_app" "test" {
  key          = "handbook"
  display_name = "Team wiki"
}
