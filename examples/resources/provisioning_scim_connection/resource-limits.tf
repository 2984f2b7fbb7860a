# A slow target behind a private certificate authority.
resource "provisioning_scim_connection" "handbook" {
  app_id   = "handbook"
  base_url = "https://handbook.internal/scim"

  rate_limit = {
    requests_per_second = 5
    concurrency         = 2
  }

  tls = {
    server_name = "handbook.corp.example.com"
  }
}
