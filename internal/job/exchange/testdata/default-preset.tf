# Imported from default.json, a synchronization schema of Microsoft Entra. What has no counterpart is in comments.

# "Provision Microsoft Entra ID Users" in the schema
resource "provisioning_attribute_mapping" "user" {
  app_id      = provisioning_app.crm.id
  object_type = "user"
  preset      = "entra-default"

  target_attributes = {
    "active"                                                             = { type = "Boolean" }
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager" = { type = "Reference" }
    "userName"                                                           = { required = true }
  }
}

# "Provision Microsoft Entra ID Groups" in the schema
resource "provisioning_attribute_mapping" "group" {
  app_id      = provisioning_app.crm.id
  object_type = "group"
  preset      = "entra-default"

  target_attributes = {
    "displayName" = { required = true }
    "members"     = { type = "Reference", multivalued = true }
  }
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
