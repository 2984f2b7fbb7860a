# A slow target on a private network, with its own certificate authority and what it needs besides.
variable "handbook_token" {
  type      = string
  ephemeral = true
}

variable "internal_ca_certificate" {
  type = string
}

variable "proxy_password" {
  type      = string
  ephemeral = true
}

resource "provisioning_scim_connection" "handbook" {
  app_id   = "handbook"
  base_url = "https://handbook.internal/scim"

  bearer_token_wo         = var.handbook_token
  bearer_token_wo_version = 1

  timeout_seconds = 120

  rate_limit = {
    requests_per_second = 5
    concurrency         = 2
  }

  tls = {
    ca_bundle_pem = var.internal_ca_certificate
    server_name   = "handbook.corp.example.com"
    min_version   = "1.3"
  }

  proxy = {
    url                 = "http://proxy.corp.example.com:3128"
    no_proxy            = [".corp.example.com"]
    username            = "provisioning"
    password_wo         = var.proxy_password
    password_wo_version = 1
  }

  headers = {
    X-Tenant = "corp" # no secrets here: headers are in the state
  }

  compatibility = {
    update_method     = "put"
    members_per_patch = 20
  }
}
