variable "token" {
  description = "Bearer token of the wiki's SCIM endpoint."
  type        = string
  sensitive   = true
  ephemeral   = true
}
