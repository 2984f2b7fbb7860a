# Imported from customised.json, a synchronization schema of Microsoft Entra. What has no counterpart is in comments.

# "Provision Users" in the schema
resource "provisioning_attribute_mapping" "user" {
  app_id      = provisioning_app.contoso_wiki.id
  object_type = "user"
  actions     = ["create", "update"]

  attributes = {
    "active"                                                                  = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
    "displayName"                                                             = { expression = "[displayName]", default_value = "Unnamed" }
    "emails[type eq \"other\"].value"                                         = { expression = "[otherMails]", flow_type = "ValueAddOnly" }
    "emails[type eq \"work\"].value"                                          = { expression = "ToLower(Replace([mail], \"contoso.com\", , , \"wiki.contoso.com\", , ))", matching_precedence = 2 }
    "externalId"                                                              = { expression = "[objectId]", flow_behavior = "FlowAlways" }
    "locale"                                                                  = { default_value = "en_GB" }
    "name.familyName"                                                         = { expression = "[surname]" }
    "name.formatted"                                                          = { expression = "NormalizeDiacritics(Join(\"\", Left([givenName], 1), [surname]))" }
    "name.givenName"                                                          = { expression = "[givenName]" }
    "nickName"                                                                = { expression = "Mid([mailNickname], 1, 20)" }
    "phoneNumbers[type eq \"work\"].value"                                    = { expression = "[telephoneNumber]", flow_type = "AttributeAddOnly" }
    "preferredLanguage"                                                       = { expression = "Coalesce([preferredLanguage], [usageLocation], \"en-GB\")" }
    "roles"                                                                   = { expression = "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])" }
    "timezone"                                                                = { expression = "\"Europe/London\"" }
    "title"                                                                   = { expression = "IIF(IsPresent([jobTitle]), [jobTitle], \"Employee\")", flow_type = "ObjectAddOnly" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:badgeNumber" = { expression = "[extension_4f1d7a90c2b84e3f9a5d1c6b7e8f9012_badgeNumber]" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:building"    = { expression = "[extension_4f1d7a90c2b84e3f9a5d1c6b7e8f9012_Building]", default_value = "HQ" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:code"        = { expression = "[extensionAttribute7]" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:costCentre"  = { expression = "[extension_4f1d7a90c2b84e3f9a5d1c6b7e8f9012_costCentre]" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:note"        = { expression = "\"cost $${centre} %%{ if } \\\"quoted\\\" \\\\ back\"" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:since"       = { expression = "FormatDateTime([extensionAttribute4], \"M/d/yyyy\", \"yyyy-MM-dd\")" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"   = { expression = "[department]", flow_null_values = true }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"     = { expression = "Switch([department], \"General\", \"Sales\", \"S-1\", \"Research & Development\", \"R-7\", \"\", \"None\")" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"      = { expression = "[manager]" }
    "userName"                                                                = { expression = "Replace([userPrincipalName], , \"(?<Suffix>@(.)*)\", \"Suffix\", \"\", , )", matching_precedence = 1 }
  }

  source_attributes = {
    "department" = { flow_null_values = true }
  }

  target_attributes = {
    "active"                                                                  = { type = "Boolean" }
    "roles"                                                                   = { multivalued = true }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:badgeNumber" = { type = "Integer", case_exact = true }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:code"        = { mutability = "WriteOnly" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:costCentre"  = { required = true, default_value = "0000" }
    "urn:ietf:params:scim:schemas:extension:ContosoWiki:2.0:User:since"       = { type = "DateTime" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"      = { type = "Reference" }
    "userName"                                                                = { required = true }
  }
}

resource "provisioning_scoping_filter" "contractors" {
  app_id      = provisioning_app.contoso_wiki.id
  object_type = "user"
  name        = "contractors"
  clauses = [
    { attribute = "employeeType", operator = "NOT EQUALS", values = ["Intern", "Trainee"] },
    { attribute = "userPrincipalName", operator = "ENDS_WITH", value = "@partner.contoso.com" },
  ]
}

resource "provisioning_scoping_filter" "emea_sales" {
  app_id      = provisioning_app.contoso_wiki.id
  object_type = "user"
  name        = "emea-sales"
  clauses = [
    { attribute = "department", operator = "EQUALS", value = "Sales" },
    { attribute = "country", operator = "REGEX MATCH", value = "^(DE|FR|GB)$" },
    { attribute = "accountEnabled", operator = "IS TRUE" },
  ]
}

resource "provisioning_scoping_filter" "without_office" {
  app_id      = provisioning_app.contoso_wiki.id
  object_type = "user"
  name        = "without-office"
  clauses = [
    { attribute = "physicalDeliveryOfficeName", operator = "IS NULL" },
  ]
}

# "Provision Groups" in the schema
resource "provisioning_attribute_mapping" "group" {
  app_id      = provisioning_app.contoso_wiki.id
  object_type = "group"
  enabled     = false
  preset      = "entra-default"

  target_attributes = {
    "displayName" = { required = true }
    "members"     = { type = "Reference", multivalued = true }
  }
}

resource "provisioning_scoping_filter" "wiki_groups" {
  app_id      = provisioning_app.contoso_wiki.id
  object_type = "group"
  name        = "wiki-groups"
  clauses = [
    { attribute = "displayName", operator = "REGEX MATCH", value = "^wiki-" },
  ]
}

# 37 attributes of "User" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[0].attributes)
#   alternativeSecurityIds, city, companyName, creationType, dirSyncEnabled, employeeHireDate, employeeId,
#   employeeLeaveDateTime, extensionAttribute1, extensionAttribute2, extensionAttribute3, extensionAttribute5,
#   extensionAttribute6, extensionAttribute8, extensionAttribute9, extensionAttribute10, extensionAttribute11,
#   extensionAttribute12, extensionAttribute13, extensionAttribute14, extensionAttribute15,
#   facsimileTelephoneNumber, immutableId, mobile, netBiosName, onPremisesDistinguishedName, onPremisesDomainName,
#   onPremisesSamAccountName, onPremisesSecurityIdentifier, onPremisesUserPrincipalName,
#   originalUserPrincipalName, passwordProfile.password, postalCode, proxyAddresses,
#   refreshTokensValidFromDateTime, state, streetAddress
# 11 attributes of "Group" of "Azure Active Directory" that nothing uses, left out (directories[0].objects[1].attributes)
#   cloudSecurityIdentifier, description, mail, mailNickname, onPremisesDomainName, onPremisesNetBiosName,
#   onPremisesSamAccountName, onPremisesSecurityIdentifier, IsSoftDeleted, mailEnabled, securityEnabled
# 29 attributes of "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User" of "Contoso Wiki" that nothing uses, left out (directories[1].objects[0].attributes)
#   id, name.honorificPrefix, name.honorificSuffix, profileUrl, userType, emails[type eq "home"].value,
#   addresses[type eq "work"].formatted, addresses[type eq "other"].formatted,
#   addresses[type eq "work"].streetAddress, addresses[type eq "other"].streetAddress,
#   addresses[type eq "work"].locality, addresses[type eq "other"].locality, addresses[type eq "work"].region,
#   addresses[type eq "other"].region, addresses[type eq "work"].postalCode,
#   addresses[type eq "other"].postalCode, addresses[type eq "work"].country, addresses[type eq "other"].country,
#   phoneNumbers[type eq "mobile"].value, phoneNumbers[type eq "home"].value, phoneNumbers[type eq "fax"].value,
#   phoneNumbers[type eq "pager"].value, phoneNumbers[type eq "other"].value, roles[primary eq "True"].value,
#   roles[primary eq "True"].display, roles[primary eq "True"].type,
#   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber,
#   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter,
#   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization
# 1 attribute of "urn:ietf:params:scim:schemas:core:2.0:Group" of "Contoso Wiki" that nothing uses, left out (directories[1].objects[1].attributes)
#   id
