variable "base_url" {
  type = string
}

variable "token" {
  type      = string
  ephemeral = true
}

variable "department" {
  type    = string
  default = "Sales"
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
