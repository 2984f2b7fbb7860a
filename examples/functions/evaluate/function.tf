terraform {
  required_providers {
    provisioning = {
      source = "app-provisioning/provisioning"
    }
  }
}

locals {
  # Used by a provisioning_attribute_mapping, and tried here with people made up for it.
  login = "ToLower(Join(\".\", NormalizeDiacritics([givenName]), NormalizeDiacritics([surname])))"
}

output "login" {
  value = provider::provisioning::evaluate(local.login, { givenName = "Zoë", surname = "King" }) # zoe.king
}

output "mailboxes" {
  value = provider::provisioning::evaluate("ToLower([proxyAddresses])", {
    proxyAddresses = ["Zoe@Example.com", "King@Example.com"]
  }) # ["zoe@example.com", "king@example.com"]
}

# Every plan says so when the mapping no longer does what it was written for.
check "login_without_surname" {
  assert {
    condition     = provider::provisioning::evaluate(local.login, { givenName = "Zoë" }) == "zoe"
    error_message = "Without a surname the login is the given name alone."
  }
}
