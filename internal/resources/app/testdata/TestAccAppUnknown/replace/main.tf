resource "terraform_data" "key" {
  input = "handbook"
}

resource "provisioning_app" "test" {
  key          = terraform_data.key.output
  display_name = "Wiki"
}
