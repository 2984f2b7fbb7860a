# What is known about one product, with its sources.
data "provisioning_app_templates" "slack" {
  key = "slack"
}

output "slack_facts" {
  value = data.provisioning_app_templates.slack.templates[0].facts
}

# The products whose key, name or vendor contains a text.
data "provisioning_app_templates" "git" {
  search = "git"
}

output "git_hosts" {
  value = { for template in data.provisioning_app_templates.git.templates : template.key => template.base_urls }
}
