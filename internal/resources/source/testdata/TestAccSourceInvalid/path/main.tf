resource "provisioning_source" "test" {
  key  = "people"
  file = { path = "" }
}
