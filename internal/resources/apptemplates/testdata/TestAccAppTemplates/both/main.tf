data "provisioning_app_templates" "test" {
  key    = "slack"
  search = "slack"
}
