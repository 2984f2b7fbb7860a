variable "department" {
  type    = string
  default = "Sales"
}

variable "name" {
  type    = string
  default = null
}

variable "run" {
  type    = string
  default = null
}

variable "state" {
  type    = string
  default = null
}

variable "limits" {
  type = object({
    max_disable   = optional(number)
    max_delete    = optional(number)
    max_percent   = optional(number)
    percent_floor = optional(number)
  })
  default = null
}

variable "on_destroy" {
  type    = string
  default = null
}

variable "on_unplanned" {
  type    = string
  default = null
}

variable "preview_detail" {
  type    = string
  default = null
}

resource "provisioning_scoping_filter" "people" {
  app_id = "wiki"
  name   = "people"
  value  = var.department
}

resource "provisioning_job" "wiki" {
  app_id             = "wiki"
  name               = var.name
  source_id          = "people"
  connection_id      = "wiki/main"
  mapping_ids        = ["wiki/user"]
  scoping_filter_ids = [provisioning_scoping_filter.people.id]
  run                = var.run
  state              = var.state
  limits             = var.limits
  on_destroy         = var.on_destroy
  on_unplanned       = var.on_unplanned
  preview_detail     = var.preview_detail
}
