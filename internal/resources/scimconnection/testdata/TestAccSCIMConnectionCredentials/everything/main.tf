variable "certificate" {
  type = string
}

variable "key" {
  type      = string
  ephemeral = true
}

resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scim_connection" "test" {
  app_id   = provisioning_app.wiki.id
  base_url = "https://wiki.example.com/scim/v2"

  basic = {
    username            = "provisioner"
    password_wo         = "password-of-the-user"
    password_wo_version = 1
  }

  tls = {
    client_certificate_pem = var.certificate
    client_key_wo          = var.key
    client_key_wo_version  = 2
  }

  proxy = {
    url                 = "http://proxy.example.com:3128"
    no_proxy            = [".internal", "10.0.0.0/8"]
    username            = "wiki"
    password_wo         = "password-at-the-proxy"
    password_wo_version = 1
  }

  headers = {
    X-Tenant = "42"
  }
}
