resource "provisioning_source" "test" {
  key = "people"
  file = {
    path          = "people.txt"
    format        = "csv"
    groups_column = "teams"
  }
  timeouts = { update = "30s" }
}
