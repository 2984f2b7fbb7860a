resource "provisioning_source" "test" {
  key  = "people/2"
  file = { path = "people.json" }
}
