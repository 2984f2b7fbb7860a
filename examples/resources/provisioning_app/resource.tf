resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}
