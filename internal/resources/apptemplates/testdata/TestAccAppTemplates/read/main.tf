data "provisioning_app_templates" "all" {}

data "provisioning_app_templates" "none" {
  search = "no such product"
}

data "provisioning_app_templates" "found" {
  search = "AMAZON web"
}

data "provisioning_app_templates" "one" {
  key = "aws-iam-identity-center"
}

data "provisioning_app_templates" "without_groups" {
  key = "smartsheet"
}
