import {
  to = provisioning_scim_connection.wiki
  id = "wiki/scim"
}
