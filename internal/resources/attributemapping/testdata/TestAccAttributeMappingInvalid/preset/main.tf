resource "provisioning_attribute_mapping" "test" {
  app_id      = "wiki"
  object_type = "user"
  preset      = "entra-default"
  exclude     = ["title", "nickName"]
}
