import {
  to = provisioning_attribute_mapping.users
  id = "wiki/user"
}
