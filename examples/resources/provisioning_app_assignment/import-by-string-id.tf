import {
  to = provisioning_app_assignment.board
  id = "wiki/board"
}
