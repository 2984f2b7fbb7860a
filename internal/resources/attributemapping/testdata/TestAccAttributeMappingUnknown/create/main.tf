resource "terraform_data" "attribute" {
  input = "userPrincipalName"
}

resource "terraform_data" "precedence" {
  input = 1
}

resource "provisioning_attribute_mapping" "test" {
  app_id      = "wiki"
  object_type = "user"
  attributes = {
    "userName" = { expression = "[${terraform_data.attribute.output}]", matching_precedence = terraform_data.precedence.output }
  }
}
