data "provisioning_app_templates" "test" {
  key = "slak"
}
