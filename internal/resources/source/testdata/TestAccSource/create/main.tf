resource "provisioning_source" "test" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}
