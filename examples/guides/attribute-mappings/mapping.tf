resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"

  # Microsoft's table of default mappings, without the fax number.
  preset  = "entra-default"
  exclude = ["phoneNumbers[type eq \"fax\"].value"]

  attributes = {
    # Overrides of the preset.
    "displayName" = { expression = "Join(\", \", [surname], [givenName])" }
    "externalId"  = { expression = "[objectId]", matching_precedence = 2 }
    "title"       = { expression = "[jobTitle]", default_value = "Colleague", flow_null_values = true }

    # A constant, and a value for accounts that have none.
    "locale"   = { expression = "\"en-GB\"" }
    "timezone" = { default_value = "Europe/London" }

    # The first of these names that nobody in the wiki has, chosen once.
    "nickName" = {
      expression = "SelectUniqueValue([givenName], Append([givenName], Left([surname], 1)), Join(\"\", [givenName], [surname]))"
      flow_type  = "ObjectAddOnly"
    }

    # The person's only role.
    "roles[primary eq \"True\"].value" = { expression = "SingleAppRoleAssignment([appRoleAssignments])" }
  }

  source_attributes = {
    "jobTitle" = { flow_null_values = true }
  }

  target_attributes = {
    "emails[type eq \"work\"].value" = { required = true }
  }
}
