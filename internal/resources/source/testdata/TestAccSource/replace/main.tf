resource "provisioning_source" "test" {
  key  = "staff"
  file = { path = "people.json" }
}
