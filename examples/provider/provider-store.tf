# A store and a key of their own places, for example on an encrypted disk.
provider "provisioning" {
  embedded = {
    store    = "/var/lib/provisioning/wiki.db"
    key_file = "/etc/provisioning/wiki.key"
  }
}
