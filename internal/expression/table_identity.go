package expression

import "github.com/app-provisioning/terraform-provider-provisioning/internal/directory"

func generatorFunctions() []function {
	text := directory.Text
	return []function{
		{
			Function: define("Guid", "Returns a new random GUID.").explain(
				"Lower case with hyphens. Each call yields another one, in every run: map it only while the object is created.",
				example(`Guid()`, "d9877ece-6d36-4aac-9a6f-419ec627c76b", nil)),
			strict: newGUID, varies: true,
		},
		{
			Function: define("RandomString", "Returns a random text, for example for a password.", required("length"), required("minimumNumbers"), required("minimumSpecialCharacters"), required("minimumCapital"), required("minimumLowerCase"), optional("charactersToAvoid")).explain(
				"length is from 1 to 256 and at least the sum of the minimums. Special characters only occur when their minimum is above 0. charactersToAvoid never occur. Characters are drawn evenly from a cryptographic source. Wrap it in Redact when it is a secret.",
				example(`Redact(RandomString(12, 2, 2, 2, 2, "?,'"))`, "FC-7q5a#(-ci", nil)),
			strict: randomString, handlesNull: true, varies: true,
		},
		{
			Function: define(functionSelectUniqueValue, "Returns the first candidate that is not used in the target yet.", required("uniqueValueRule1"), repeated("uniqueValueRule2")).explain(
				"Needs at least two candidates and must be the outermost function. Null and empty candidates are skipped, and later ones are only evaluated when they are needed. "+
					"The object fails when no candidate is free. Only for mappings that apply while the object is created and that are not used for matching.",
				example(`SelectUniqueValue(Join(".", [givenName], [surname]), Join(".", Left([givenName], 1), [surname]), Append([surname], [employeeId]))`, "J.Smith",
					object{"givenName": text("John"), "surname": text("Smith"), "employeeId": text("1001")}).when("John.Smith is used in the target"),
				example(`SelectUniqueValue([mailNickname], Append([mailNickname], "2"))`, "John.Smith2", object{"mailNickname": text("John.Smith")}).when("John.Smith is used in the target")),
			lazy: evaluateSelectUnique, varies: true,
		},
		{
			Function: define("DefaultDomain", "Returns the default domain of the source.").companion().explain(
				"It is set as default_domain of the source; the function fails without it.",
				example(`Join("@", [mailNickname], DefaultDomain())`, "j.smith@contoso.com", object{"mailNickname": text("j.smith")}).when("default_domain is contoso.com")),
			strict: defaultDomain, settings: true,
		},
	}
}

func identifierFunctions() []function {
	text := directory.Text
	dn := object{"distinguishedName": text(`CN=Smith\, John,OU=Sales,DC=contoso,DC=com`)}
	return []function{
		{
			Function: define("DNComponent", "Returns the value of one part of a distinguished name, counted from the left.", required("dn"), required("number")).companion().explain(
				"The attribute type is left out and escapes are resolved. Of a part with several values it is the first. Null when dn is null; fails when there is no such part or dn is not a distinguished name.",
				example(`DNComponent([distinguishedName], 1)`, "Smith, John", dn),
				example(`DNComponent([distinguishedName], 2)`, "Sales", dn)),
			strict: dnComponent,
		},
		{
			Function: define("StringFromSid", "Writes a binary security identifier in the form S-1-....", required("bytes")).companion().explain(
				"bytes is the binary form as base64 text, which is how binary attributes reach an expression. Null when bytes is null; fails when it is anything else.",
				example(`StringFromSid([objectSid])`, "S-1-5-21-1004336348-1177238915-682003330-512", object{"objectSid": text("AQUAAAAAAAUVAAAA3PTcO4M9K0aCi6YoAAIAAA==")})),
			strict: sidText,
		},
	}
}

func roleFunctions() []function {
	role := func(id, value, name string) directory.Value {
		return directory.Record(map[string]directory.Value{"id": directory.Text(id), "value": directory.Text(value), "displayName": directory.Text(name)})
	}
	one := object{"appRoleAssignments": directory.List(role("1", "admin", "Administrator"))}
	two := object{"appRoleAssignments": directory.List(role("1", "admin", "Administrator"), role("2", "auditor", "Auditor"))}
	return []function{
		{
			Function: define("SingleAppRoleAssignment", "Returns the value of the user's only role.", required("appRoleAssignments")).explain(
				"Null without a role; fails with more than one.",
				example(`SingleAppRoleAssignment([appRoleAssignments])`, "admin", one),
				example(`SingleAppRoleAssignment([appRoleAssignments])`, "error: no more than one role assignment is expected, the user has 2: use AppRoleAssignmentsComplex", two)),
			strict: singleRole,
		},
		{
			Function: define("AppRoleAssignmentsComplex", "Returns all roles of the user; roles are added on update.", required("appRoleAssignments")).explain(
				"Yields one text per role, which the target's connector turns into its own form. Roles that were removed stay in the target.",
				example(`Count(AppRoleAssignmentsComplex([appRoleAssignments]))`, "2", two),
				example(`AppRoleAssignmentsComplex([appRoleAssignments])`, `[{"id":"1","value":"admin","displayName":"Administrator"}]`, one)),
			strict: complexRoles,
		},
		{
			Function: define("AssertiveAppRoleAssignmentsComplex", "Returns all roles of the user; roles are replaced on update.", required("appRoleAssignments")).explain(
				"Like AppRoleAssignmentsComplex, but roles that were removed are removed from the target.",
				example(`AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, `[{"id":"1","value":"admin","displayName":"Administrator"}]`, one)),
			strict: complexRoles,
		},
	}
}
