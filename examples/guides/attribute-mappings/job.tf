resource "provisioning_app_assignment" "everybody" {
  app_id   = provisioning_app.wiki.id
  name     = "everybody"
  user_ids = ["u1", "u2", "u3"]
}

resource "provisioning_job" "wiki" {
  app_id         = provisioning_app.wiki.id
  source_id      = provisioning_source.people.id
  connection_id  = provisioning_scim_connection.wiki.id
  mapping_ids    = [provisioning_attribute_mapping.users.id]
  assignment_ids = [provisioning_app_assignment.everybody.id]
  scope          = "assigned" # role functions need it
}
