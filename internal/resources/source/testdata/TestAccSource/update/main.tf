resource "provisioning_source" "test" {
  key            = "people"
  default_domain = "example.com"
  file = {
    path          = "people.txt"
    format        = "csv"
    groups_column = "teams"
  }
  timeouts = { update = "30s" }
}
