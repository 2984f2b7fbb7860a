resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_scoping_filter" "test" {
  app_id      = provisioning_app.wiki.id
  object_type = "group"
  name        = "sales-only"
  clauses = [
    { attribute = "displayName", operator = "REGEX MATCH", values = ["^Team ", "(?i)^squad "] },
    { attribute = "mail", operator = "IS NOT NULL" },
    { attribute = "level", operator = "GREATER_THAN", values = ["5"] },
    { attribute = "country", operator = "!&", value = " USA,CAN" },
  ]
  timeouts = { update = "30s" }
}
