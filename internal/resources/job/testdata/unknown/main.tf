variable "department" {
  type = string
}

variable "require_known_impact" {
  type    = bool
  default = null
}

resource "terraform_data" "department" {
  input = var.department
}

resource "provisioning_scoping_filter" "people" {
  app_id = "wiki"
  name   = "people"
  value  = terraform_data.department.output
}

resource "provisioning_job" "wiki" {
  app_id               = "wiki"
  source_id            = "people"
  connection_id        = "wiki/main"
  mapping_ids          = ["wiki/user"]
  scoping_filter_ids   = [provisioning_scoping_filter.people.id]
  require_known_impact = var.require_known_impact
}
