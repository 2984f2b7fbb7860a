# Imported from default.json, a synchronization schema of Microsoft Entra. What has no counterpart is in comments.

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

resource "provisioning_app" "customappsso" {
  key          = "customappsso"
  display_name = "customappsso"
}

# Fill in: where people and groups are read.
resource "provisioning_source" "people" {
  key  = "people"
  file = { path = "${path.module}/people.json" }
}

# Fill in: the address of the SCIM endpoint, without its query (the Tenant URL in Entra).
resource "provisioning_scim_connection" "customappsso" {
  app_id                  = provisioning_app.customappsso.id
  base_url                = "https://scim.example.com/v2"
  bearer_token_wo         = var.scim_token
  bearer_token_wo_version = 1
}

# "Provision Microsoft Entra ID Users" in the schema
resource "provisioning_attribute_mapping" "user" {
  app_id      = provisioning_app.customappsso.id
  object_type = "user"

  attributes = {
    "active"                                                                    = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "addresses[type eq \"work\"].country"                                       = { expression = "[country]" }
    "addresses[type eq \"work\"].formatted"                                     = { expression = "[physicalDeliveryOfficeName]" }
    "addresses[type eq \"work\"].locality"                                      = { expression = "[city]" }
    "addresses[type eq \"work\"].postalCode"                                    = { expression = "[postalCode]" }
    "addresses[type eq \"work\"].region"                                        = { expression = "[state]" }
    "addresses[type eq \"work\"].streetAddress"                                 = { expression = "[streetAddress]" }
    "displayName"                                                               = { expression = "[displayName]" }
    "emails[type eq \"work\"].value"                                            = { expression = "[mail]" }
    "externalId"                                                                = { expression = "[mailNickname]" }
    "name.familyName"                                                           = { expression = "[surname]" }
    "name.formatted"                                                            = { expression = "Join(\" \", [givenName], [surname])" }
    "name.givenName"                                                            = { expression = "[givenName]" }
    "phoneNumbers[type eq \"fax\"].value"                                       = { expression = "[facsimileTelephoneNumber]" }
    "phoneNumbers[type eq \"mobile\"].value"                                    = { expression = "[mobile]" }
    "phoneNumbers[type eq \"work\"].value"                                      = { expression = "[telephoneNumber]" }
    "preferredLanguage"                                                         = { expression = "[preferredLanguage]" }
    "title"                                                                     = { expression = "[jobTitle]" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"     = { expression = "[department]" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber" = { expression = "[employeeId]" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"        = { expression = "[manager]" }
    "userName"                                                                  = { expression = "[userPrincipalName]", matching_precedence = 1 }
  }

  target_attributes = {
    "active"                                                             = { type = "Boolean" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager" = { type = "Reference" }
    "userName"                                                           = { required = true }
  }
}

# "Provision Microsoft Entra ID Groups" in the schema
resource "provisioning_attribute_mapping" "group" {
  app_id      = provisioning_app.customappsso.id
  object_type = "group"

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

# The job commits all of it. Read the plan, then change state to "started". In Entra, stop the job first.
resource "provisioning_job" "customappsso" {
  app_id        = provisioning_app.customappsso.id
  source_id     = provisioning_source.people.id
  connection_id = provisioning_scim_connection.customappsso.id
  mapping_ids = [
    provisioning_attribute_mapping.user.id,
    provisioning_attribute_mapping.group.id,
  ]
  # The schema does not say who is in scope: "assigned" (what a provisioning_app_assignment names) or "all".
  scope = "assigned"
  state = "paused"
}

# 38 attributes of "User" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[0].attributes)
#   objectId, accountEnabled, alternativeSecurityIds, appRoleAssignments, companyName, creationType,
#   dirSyncEnabled, employeeHireDate, employeeLeaveDateTime, employeeType, extensionAttribute1,
#   extensionAttribute2, extensionAttribute3, extensionAttribute4, extensionAttribute5, extensionAttribute6,
#   extensionAttribute7, extensionAttribute8, extensionAttribute9, extensionAttribute10, extensionAttribute11,
#   extensionAttribute12, extensionAttribute13, extensionAttribute14, extensionAttribute15, immutableId,
#   netBiosName, onPremisesDistinguishedName, onPremisesDomainName, onPremisesSamAccountName,
#   onPremisesSecurityIdentifier, onPremisesUserPrincipalName, originalUserPrincipalName, otherMails,
#   passwordProfile.password, proxyAddresses, refreshTokensValidFromDateTime, usageLocation
# 11 attributes of "Group" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[1].attributes)
#   cloudSecurityIdentifier, description, mail, mailNickname, onPremisesDomainName, onPremisesNetBiosName,
#   onPremisesSamAccountName, onPremisesSecurityIdentifier, IsSoftDeleted, mailEnabled, securityEnabled
# 26 attributes of "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" of "customappsso" that nothing uses, left out (directories[1].objects[0].attributes)
#   id, name.honorificPrefix, name.honorificSuffix, locale, nickName, profileUrl, timezone, userType,
#   emails[type eq "home"].value, emails[type eq "other"].value, addresses[type eq "other"].formatted,
#   addresses[type eq "other"].streetAddress, addresses[type eq "other"].locality,
#   addresses[type eq "other"].region, addresses[type eq "other"].postalCode, addresses[type eq "other"].country,
#   phoneNumbers[type eq "home"].value, phoneNumbers[type eq "pager"].value, phoneNumbers[type eq "other"].value,
#   roles, roles[primary eq "True"].value, roles[primary eq "True"].display, roles[primary eq "True"].type,
#   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter,
#   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization,
#   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division
# 1 attribute of "urn:ietf:params:scim:schemas:core:2.0:Group" of "customappsso" that nothing uses, left out (directories[1].objects[1].attributes)
#   id
