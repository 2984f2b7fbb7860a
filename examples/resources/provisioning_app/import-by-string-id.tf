import {
  to = provisioning_app.wiki
  id = "wiki"
}
