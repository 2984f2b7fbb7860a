# Imported from schema.json, a synchronization schema of Microsoft Entra. What has no counterpart is in comments.
#
# left out: the member "exportDelay" has no counterpart (synchronizationRules[0].objectMappings[0].exportDelay)
#   "PT5M"

# "Provision Microsoft Entra ID Users" in the schema
resource "provisioning_attribute_mapping" "user" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"

  attributes = {
    "active"                                                                = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName"                                                           = { expression = "[displayName]" }
    "locale"                                                                = { default_value = "en-GB" }
    "name.formatted"                                                        = { expression = "Join(\" \", [givenName], [surname])" }
    "title"                                                                 = { expression = "[jobTitle]", default_value = "Employee" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" = { expression = "[department]" }
    "userName"                                                              = { expression = "[userPrincipalName]", matching_precedence = 1 }
    # left out: line 1, column 1: unknown function Concatenate; use Join or Append (synchronizationRules[0].objectMappings[0].attributeMappings[7])
    #       Concatenate([givenName], "-", [surname])
    #       ^
    #   "nickName" = { expression = "Concatenate([givenName], \"-\", [surname])" }
  }

  target_attributes = {
    "active"   = { type = "Boolean" }
    "userName" = { required = true }
  }
}

# "Sales only" in the schema
resource "provisioning_scoping_filter" "sales_only" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  name        = "sales-only"
  clauses = [
    { attribute = "department", operator = "EQUALS", value = "Sales" },
  ]
}

# "Provision Microsoft Entra ID Groups" in the schema
resource "provisioning_attribute_mapping" "group" {
  app_id      = provisioning_app.wiki.id
  object_type = "group"
  enabled     = false

  attributes = {
    "displayName" = { expression = "[displayName]", matching_precedence = 1 }
    "externalId"  = { expression = "[objectId]" }
    "members"     = { expression = "[members]" }
  }

  target_attributes = {
    "displayName" = { required = true }
    "members"     = { type = "Reference", multivalued = true }
  }
}

# 1 attribute of "User" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[0].attributes)
#   objectId
# 1 attribute of "Group" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[1].attributes)
#   IsSoftDeleted
# 3 attributes of "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" of "Contoso Wiki" that nothing uses, left out (directories[1].objects[0].attributes)
#   id, externalId, nickName
# 1 attribute of "urn:ietf:params:scim:schemas:core:2.0:Group" of "Contoso Wiki" that nothing uses, left out (directories[1].objects[1].attributes)
#   id
