resource "provisioning_source" "test" {
  key            = "people"
  default_domain = ""
  file           = { path = "people.json" }
}
