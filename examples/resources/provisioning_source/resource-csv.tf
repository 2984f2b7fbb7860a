# A CSV file whose extension does not say so, with people's teams in a column of their own.
resource "provisioning_source" "staff" {
  key            = "staff"
  default_domain = "example.com" # what DefaultDomain() yields in expressions
  file = {
    path          = "/srv/hr/export.txt"
    format        = "csv"
    groups_column = "teams"
  }
}
