# Imported from onpremises.json, a synchronization schema of Microsoft Entra. What has no counterpart is in comments.
#
# left out: the rule provisions into Azure Active Directory; this provider provisions from a source into an application (synchronizationRules[1])
#   {
#     "editable": false,
#     "id": "c89b6248-6b45-54f4-89e4-0b475fcd8833",
#     "name": "USER_INBOUND_USER",
#     "priority": 2,
#     "sourceDirectoryName": "On-Premises Directory",
#     "targetDirectoryName": "Azure Active Directory",
#     "objectMappings": [
#       {
#         "enabled": true,
#         "flowTypes": "Add, Update, Delete",
#         "name": "Import users",
#         "sourceObjectName": "User",
#         "targetObjectName": "User",
#         "attributeMappings": [
#           {
#             "exportMissingReferences": false,
#             "flowBehavior": "FlowWhenChanged",
#             "flowType": "Always",
#             "matchingPriority": 0,
#             "targetAttributeName": "department",
#             "source": {"expression": "[departmentNumber]", "name": "departmentNumber", "type": "Attribute"}
#           }
#         ],
#         "metadata": [
#           {"key": "IsCustomerDefined", "value": "false"},
#           {"key": "DisableMonitoringForChanges", "value": "false"},
#           {"key": "Disposition", "value": "\"Normal\""},
#           {"key": "ExcludeFromReporting", "value": "false"},
#           {"key": "EscrowBehavior", "value": "\"Default\""},
#           {"key": "Unsynchronized", "value": "false"},
#           {"key": "OriginalJoiningProperty", "value": "userName"}
#         ]
#       }
#     ]
#   }
# left out: metadata "agentGroup" has no counterpart (synchronizationRules[0].metadata[2])
#   {"key": "agentGroup", "value": "54290635-da0d-5636-b149-b5f74f3939b8"}
# left out: the rule is limited to these groups; assign them with provisioning_app_assignment and scope = "assigned" (synchronizationRules[0].groupFilter)
#   {"includedGroups": [{"objectId": "f97919cc-26e1-51b1-b797-8b8501f05195"}]}
# left out: objects "Contact" become "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:Contact"; only users and groups are provisioned, each to their own kind (synchronizationRules[0].objectMappings[1])
#   {
#     "enabled": true,
#     "flowTypes": "Add, Update, Delete",
#     "name": "Contacts",
#     "sourceObjectName": "Contact",
#     "targetObjectName": "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:Contact",
#     "attributeMappings": [
#       {
#         "exportMissingReferences": false,
#         "flowBehavior": "FlowWhenChanged",
#         "flowType": "Always",
#         "matchingPriority": 1,
#         "targetAttributeName": "mail",
#         "source": {"expression": "[mail]", "name": "mail", "type": "Attribute"}
#       }
#     ],
#     "metadata": [
#       {"key": "IsCustomerDefined", "value": "false"},
#       {"key": "DisableMonitoringForChanges", "value": "false"},
#       {"key": "Disposition", "value": "\"Normal\""},
#       {"key": "ExcludeFromReporting", "value": "false"},
#       {"key": "EscrowBehavior", "value": "\"Default\""},
#       {"key": "Unsynchronized", "value": "false"},
#       {"key": "OriginalJoiningProperty", "value": "userName"}
#     ]
#   }
# attention: the application requires "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:ssn", and nothing maps it (directories[1].objects[0].attributes[40])
# left out: the member "id" has no counterpart (value[0].id)
#   "ECMA2Host"
# left out: the member "templateId" has no counterpart (value[0].templateId)
#   "ECMA2Host"
# left out: the member "factoryTag" has no counterpart (value[0].factoryTag)
#   "ECMA2Host"
# left out: the member "uniqueness" has no counterpart (directories[1].objects[0].attributes[5].uniqueness)
#   "server"
# left out: the member "apiExpressions" has no counterpart (directories[1].objects[0].attributes[12].apiExpressions)
#   [{"name": "room", "value": "/person/room"}]
# left out: the member "strictness" has no counterpart (synchronizationRules[0].objectMappings[0].scope.strictness)
#   "high"
# left out: the member "workflowId" has no counterpart (synchronizationRules[0].objectMappings[0].attributeMappings[21].source.workflowId)
#   "f4d0e2a2-6ca4-5cd5-913a-47e62ef3c48f"
# left out: the member "preview" has no counterpart (synchronizationRules[0].objectMappings[0].preview)
#   {"enabled": true}
# left out: the member "telemetry" has no counterpart (telemetry)
#   {"sampling": 0.5}
# left out: the member "schedule" has no counterpart (value[0].schedule)
#   {"interval": "PT40M", "state": "Active"}

terraform {
  required_providers {
    provisioning = {
      source = "app-provisioning/provisioning"
    }
  }
}

variable "scim_token" {
  description = "Bearer token of the SCIM endpoint."
  type        = string
  ephemeral   = true
}

resource "provisioning_app" "on_premises_directory" {
  key          = "on-premises-directory"
  display_name = "On-Premises Directory"
}

# Fill in: where people and groups are read.
resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}

# Fill in: the address of the SCIM endpoint, without its query (the Tenant URL in Entra).
resource "provisioning_scim_connection" "on_premises_directory" {
  app_id                  = provisioning_app.on_premises_directory.id
  base_url                = "https://scim.example.com/v2"
  bearer_token_wo         = var.scim_token
  bearer_token_wo_version = 1
}

# left out: "Rename" is none of Add, Update and Delete (synchronizationRules[0].objectMappings[0].flowTypes)
# "Users to people" in the schema
# objects "User" become "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User" in the schema
# left out: metadata "EscrowBehavior" has no counterpart (synchronizationRules[0].objectMappings[0].metadata[4])
#   {"key": "EscrowBehavior", "value": "\"Always\""}
# left out: input filters ignore objects without deprovisioning them; scoping filters would disable their accounts (synchronizationRules[0].objectMappings[0].scope.inputFilterGroups)
#   [
#     {
#       "name": "Early",
#       "clauses": [{"operatorName": "EQUALS", "sourceOperandName": "companyName", "targetOperand": {"values": ["Contoso"]}}]
#     }
#   ]
# left out: category filters choose between object mappings; there is one mapping for each object type (synchronizationRules[0].objectMappings[0].scope.categoryFilterGroups)
#   [
#     {
#       "name": "Cat",
#       "clauses": [{"operatorName": "EQUALS", "sourceOperandName": "employeeType", "targetOperand": {"values": ["Worker"]}}]
#     }
#   ]
# left out: the filter cannot be used: clause 1: operator "IsMemberOf" is unknown: group membership cannot be tested: use assignments (synchronizationRules[0].objectMappings[0].scope.groups[1])
#   {
#     "name": "Members of staff",
#     "clauses": [{"operatorName": "IsMemberOf", "sourceOperandName": "memberOf", "targetOperand": {"values": ["staff"]}}]
#   }
# left out: the filter cannot be used: clause 1: attribute employeeHireDate is a date, which cannot be used in a scoping filter: test another attribute (synchronizationRules[0].objectMappings[0].scope.groups[2])
#   {
#     "name": "Hired",
#     "clauses": [
#       {
#         "operatorName": "GREATER_THAN",
#         "sourceOperandName": "employeeHireDate",
#         "targetOperand": {"values": ["2020"]}
#       }
#     ]
#   }
# attention: people whom only a filter that was left out lets in are out of scope, and lose their accounts (synchronizationRules[0].objectMappings[0].scope.groups)
# left out: there is a mapping for objects of the type user already; an app has one (synchronizationRules[0].objectMappings[2])
#   {
#     "enabled": true,
#     "flowTypes": "Add, Update, Delete",
#     "name": "Second users",
#     "sourceObjectName": "User",
#     "targetObjectName": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
#     "attributeMappings": [
#       {
#         "exportMissingReferences": false,
#         "flowBehavior": "FlowWhenChanged",
#         "flowType": "Always",
#         "matchingPriority": 1,
#         "targetAttributeName": "userName",
#         "source": {"expression": "[userPrincipalName]", "name": "userPrincipalName", "type": "Attribute"}
#       },
#       {
#         "exportMissingReferences": false,
#         "flowBehavior": "FlowWhenChanged",
#         "flowType": "Always",
#         "matchingPriority": 0,
#         "targetAttributeName": "active",
#         "source": {
#           "expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
#           "name": "Switch",
#           "type": "Function",
#           "parameters": [
#             {"key": "source", "value": {"expression": "[IsSoftDeleted]", "name": "IsSoftDeleted", "type": "Attribute"}},
#             {"key": "switchValue", "value": {"expression": "\"False\"", "name": "False", "type": "Constant"}},
#             {"key": "switchValue", "value": {"expression": "\"True\"", "name": "True", "type": "Constant"}},
#             {"key": "switchValue", "value": {"expression": "\"True\"", "name": "True", "type": "Constant"}},
#             {"key": "switchValue", "value": {"expression": "\"False\"", "name": "False", "type": "Constant"}}
#           ]
#         }
#       },
#       {
#         "exportMissingReferences": false,
#         "flowBehavior": "FlowWhenChanged",
#         "flowType": "Always",
#         "matchingPriority": 0,
#         "targetAttributeName": "displayName",
#         "source": {"expression": "[displayName]", "name": "displayName", "type": "Attribute"}
#       }
#     ],
#     "metadata": [
#       {"key": "IsCustomerDefined", "value": "false"},
#       {"key": "DisableMonitoringForChanges", "value": "false"},
#       {"key": "Disposition", "value": "\"Normal\""},
#       {"key": "ExcludeFromReporting", "value": "false"},
#       {"key": "EscrowBehavior", "value": "\"Default\""},
#       {"key": "Unsynchronized", "value": "false"},
#       {"key": "OriginalJoiningProperty", "value": "userName"}
#     ]
#   }
# left out: there is a mapping for objects of the type user already; an app has one (synchronizationRules[0].objectMappings[3])
#   {
#     "enabled": false,
#     "flowTypes": "Add, Update, Delete",
#     "name": "Disabled users",
#     "sourceObjectName": "User",
#     "targetObjectName": "User",
#     "attributeMappings": [
#       {
#         "exportMissingReferences": false,
#         "flowBehavior": "FlowWhenChanged",
#         "flowType": "Always",
#         "matchingPriority": 1,
#         "targetAttributeName": "userName",
#         "source": {"expression": "[userPrincipalName]", "name": "userPrincipalName", "type": "Attribute"}
#       }
#     ],
#     "metadata": [
#       {"key": "IsCustomerDefined", "value": "false"},
#       {"key": "DisableMonitoringForChanges", "value": "false"},
#       {"key": "Disposition", "value": "\"Normal\""},
#       {"key": "ExcludeFromReporting", "value": "false"},
#       {"key": "EscrowBehavior", "value": "\"Default\""},
#       {"key": "Unsynchronized", "value": "false"},
#       {"key": "OriginalJoiningProperty", "value": "userName"}
#     ]
#   }
resource "provisioning_attribute_mapping" "user" {
  app_id      = provisioning_app.on_premises_directory.id
  object_type = "user"
  actions     = ["create", "update"]

  attributes = {
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:-dn-" = { expression = "Append(Join(\"\", \"CN=\", Word([userPrincipalName], 1, \"@\")), \",OU=People,DC=contoso,DC=lab\")", flow_type = "ObjectAddOnly" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:cn"   = { expression = "[userPrincipalName]", matching_precedence = 1 }
    # changed: flowType "WheneverItLikes" is not known; the default applies (synchronizationRules[0].objectMappings[0].attributeMappings[8].flowType)
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:department" = { expression = "[department]" }
    # changed: matchingPriority 3 is left out: the expression of a matching attribute has to refer to exactly one source attribute, and this one refers to givenName, surname; match by one of them, or give each a mapping with its own precedence (synchronizationRules[0].objectMappings[0].attributeMappings[12].matchingPriority)
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:description" = { expression = "Append([givenName], [surname])" }
    # left out: exportMissingReferences is true; it is internal to Entra (synchronizationRules[0].objectMappings[0].attributeMappings[6].exportMissingReferences)
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:employeeNumber" = { expression = "[employeeId]" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:gidNumber"      = { expression = "\"10000\"" }
    # changed: the text of the expression is "ToLower([mailNickname])", its parameters are those of "ToUpper([mailNickname])"; the latter is used (synchronizationRules[0].objectMappings[0].attributeMappings[10].source)
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:givenName" = { expression = "ToUpper([mailNickname])" }
    # left out: metadata "MaximumLength" has no counterpart (directories[1].objects[0].attributes[5].metadata[0])
    #   {"key": "MaximumLength", "value": "256"}
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:mail"                     = { expression = "Trim([mail])" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:msDS-UserAccountDisabled" = { expression = "[IsSoftDeleted]" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:objectClass"              = { expression = "Split(\"inetOrgPerson,organizationalPerson,person,top\", \",\")", flow_type = "ObjectAddOnly" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:roomNumber"               = { expression = "[physicalDeliveryOfficeName]" }
    # left out: the attribute refers to something else than users and groups; references become identifiers of users and groups (directories[1].objects[0].attributes[11].referencedObjects)
    #   [{"referencedObjectName": "Departments", "referencedProperty": "Name"}]
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:seeAlso" = { expression = "[manager]" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:sn"      = { expression = "[surname]" }
    # left out: matchingPriority "-2" is not a number from 0 to 1000 (synchronizationRules[0].objectMappings[0].attributeMappings[20].matchingPriority)
    #   -2
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:telephoneNumber" = { expression = "[telephoneNumber]" }
    # changed: matchingPriority 1 is used twice; this one became 2 (synchronizationRules[0].objectMappings[0].attributeMappings[11].matchingPriority)
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:title" = { expression = "[jobTitle]", matching_precedence = 2 }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:uid"   = { expression = "Append([mailNickname], \"@contoso.lab\")" }
    # left out: line 1, column 1: unknown function Concatenate; use Join or Append (synchronizationRules[0].objectMappings[0].attributeMappings[9])
    #       Concatenate([givenName], ".", [surname])
    #       ^
    #   "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:displayName" = { expression = "Concatenate([givenName], \".\", [surname])" }
    # left out: it has neither a source nor a default, and so does nothing (synchronizationRules[0].objectMappings[0].attributeMappings[13])
    #   "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:o" = {  }
    # left out: the target is mapped twice (synchronizationRules[0].objectMappings[0].attributeMappings[17])
    #   "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:CN" = { expression = "[displayName]" }
    # left out: id is set by the target itself and cannot be written; remove it (synchronizationRules[0].objectMappings[0].attributeMappings[18])
    #   "id" = { expression = "[objectId]" }
    # left out: "two words" is not the path of an attribute: expected a target attribute such as userName, name.familyName or emails[type eq "work"].value (synchronizationRules[0].objectMappings[0].attributeMappings[19])
    #   "two words" = { expression = "[mail]" }
    # changed: source type "Workflow" is none of Attribute, Constant and Function; "y" is read as text (synchronizationRules[0].objectMappings[0].attributeMappings[21].source)
    # left out: line 1, column 1: unknown word x; write [x] for an attribute or "x" for a text (synchronizationRules[0].objectMappings[0].attributeMappings[21])
    #       x
    #       ^
    #   "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:mobile" = { expression = "x" }
  }

  target_attributes = {
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:-dn-"                     = { required = true, mutability = "Immutable" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:cn"                       = { required = true }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:gidNumber"                = { type = "Integer" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:msDS-UserAccountDisabled" = { type = "Boolean" }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:objectClass"              = { required = true, multivalued = true }
    "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:seeAlso"                  = { type = "Reference" }
  }
}

# "Odd values" in the schema
resource "provisioning_scoping_filter" "odd_values" {
  app_id      = provisioning_app.on_premises_directory.id
  object_type = "user"
  name        = "odd-values"
  clauses = [
    { attribute = "accountEnabled", operator = "IS TRUE" },
    { attribute = "employeeId", operator = "EQUALS", value = "12345" },
  ]
}

# "Only Sales (EMEA)" in the schema
resource "provisioning_scoping_filter" "only_sales_emea" {
  app_id      = provisioning_app.on_premises_directory.id
  object_type = "user"
  name        = "only-sales-emea"
  clauses = [
    { attribute = "department", operator = "EQUALS", value = "Sales" },
  ]
}

# The job commits all of it. Read the plan, then change state to "started". In Entra, stop the job first.
resource "provisioning_job" "on_premises_directory" {
  app_id        = provisioning_app.on_premises_directory.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.on_premises_directory.id
  mapping_ids = [
    provisioning_attribute_mapping.user.id,
  ]
  scoping_filter_ids = [
    provisioning_scoping_filter.odd_values.id,
    provisioning_scoping_filter.only_sales_emea.id,
  ]
  # The schema does not say who is in scope: "assigned" (what a provisioning_app_assignment names) or "all".
  scope = "assigned"
  state = "paused"
}

# 46 attributes of "User" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[0].attributes)
#   objectId, alternativeSecurityIds, appRoleAssignments, city, companyName, country, creationType, displayName,
#   dirSyncEnabled, employeeHireDate, employeeLeaveDateTime, employeeType, extensionAttribute1,
#   extensionAttribute2, extensionAttribute3, extensionAttribute4, extensionAttribute5, extensionAttribute6,
#   extensionAttribute7, extensionAttribute8, extensionAttribute9, extensionAttribute10, extensionAttribute11,
#   extensionAttribute12, extensionAttribute13, extensionAttribute14, extensionAttribute15,
#   facsimileTelephoneNumber, immutableId, mobile, netBiosName, onPremisesDistinguishedName, onPremisesDomainName,
#   onPremisesSamAccountName, onPremisesSecurityIdentifier, onPremisesUserPrincipalName,
#   originalUserPrincipalName, otherMails, passwordProfile.password, postalCode, preferredLanguage,
#   proxyAddresses, refreshTokensValidFromDateTime, state, streetAddress, usageLocation
# object "Group" of "Azure Active Directory" has no mapping; its attributes are left out (directories[0].objects[1])
#   objectId, cloudSecurityIdentifier, description, displayName, mail, mailNickname, onPremisesDomainName,
#   onPremisesNetBiosName, onPremisesSamAccountName, onPremisesSecurityIdentifier, IsSoftDeleted, mailEnabled,
#   securityEnabled, members
# 25 attributes of "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User" of "On-Premises Directory" that nothing uses, left out (directories[1].objects[0].attributes)
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:jpegPhoto,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:export_password,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:homeDirectory,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:loginShell,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:mobile,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:o,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:ou,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:l,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:st,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:postalCode,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:street,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:c,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:initials,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:displayName,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:preferredLanguage,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:labeledURI,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:secretary,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:pager,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:facsimileTelephoneNumber,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:carLicense,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:departmentNumber,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:employeeType,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:homePhone,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:homePostalAddress,
#   urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:User:ssn
# object "urn:ietf:params:scim:schemas:extension:ECMA2Host:2.0:Group" of "On-Premises Directory" has no mapping; its attributes are left out (directories[1].objects[1])
#   cn
