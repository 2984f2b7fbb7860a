# Who has an active account in the wiki.
data "provisioning_links" "accounts" {
  job_id      = "wiki/main"
  object_type = "user"
  managed     = true
  active      = true
  limit       = 1000
}

output "wiki_account_ids" {
  value = { for link in data.provisioning_links.accounts.links : link.name => link.target_id }
}
