# What the wiki says about itself.
data "provisioning_scim_schema" "wiki" {
  connection_id = "wiki/scim"
  object_type   = "user"
}

# Attributes that a mapping can write.
output "wiki_writable" {
  value = [for a in data.provisioning_scim_schema.wiki.attributes : a.path if a.mutability != "readOnly"]
}

# Attributes that an account must have.
output "wiki_required" {
  value = [for a in data.provisioning_scim_schema.wiki.attributes : a.path if a.required]
}
