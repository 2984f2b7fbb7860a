resource "terraform_data" "key" {
  input = "wiki"
}

resource "provisioning_app" "test" {
  key          = terraform_data.key.output
  display_name = "Wiki"
}
