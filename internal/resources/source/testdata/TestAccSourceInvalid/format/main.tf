resource "provisioning_source" "test" {
  key  = "people"
  file = { path = "people.xml", format = "xml" }
}
