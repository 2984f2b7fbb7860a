resource "terraform_data" "path" {
  input = "people.json"
}

resource "provisioning_source" "test" {
  key  = "people"
  file = { path = terraform_data.path.output }
}
