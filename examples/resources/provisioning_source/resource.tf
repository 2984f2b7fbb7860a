resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}
