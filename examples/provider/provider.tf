terraform {
  required_version = ">= 1.11"

  required_providers {
    provisioning = {
      source = "app-provisioning/provisioning"
    }
  }
}

# The engine runs inside the provider and keeps what it knows in ./provisioning.db.
provider "provisioning" {}
