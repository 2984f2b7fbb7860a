import {
  to = provisioning_source.people
  id = "people"
}
