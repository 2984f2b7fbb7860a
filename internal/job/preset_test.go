package job_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// The tables of mappings-and-scoping.md 7.1 and 7.2, row by row.
func TestPresetTables(t *testing.T) {
	t.Parallel()
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	tables := map[directory.ObjectType]map[string]string{
		directory.User: {
			"userName": "[userPrincipalName]", "active": `Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
			"displayName": "[displayName]", "title": "[jobTitle]", `emails[type eq "work"].value`: "[mail]",
			"preferredLanguage": "[preferredLanguage]", "name.givenName": "[givenName]", "name.familyName": "[surname]",
			"name.formatted":                      `Join(" ", [givenName], [surname])`,
			`addresses[type eq "work"].formatted`: "[physicalDeliveryOfficeName]", `addresses[type eq "work"].streetAddress`: "[streetAddress]",
			`addresses[type eq "work"].locality`: "[city]", `addresses[type eq "work"].region`: "[state]",
			`addresses[type eq "work"].postalCode`: "[postalCode]", `addresses[type eq "work"].country`: "[country]",
			`phoneNumbers[type eq "work"].value`: "[telephoneNumber]", `phoneNumbers[type eq "mobile"].value`: "[mobile]",
			`phoneNumbers[type eq "fax"].value`: "[facsimileTelephoneNumber]", "externalId": "[mailNickname]",
			enterprise + "employeeNumber": "[employeeId]", enterprise + "department": "[department]", enterprise + "manager": "[manager]",
		},
		directory.Group: {"displayName": "[displayName]", "externalId": "[objectId]", "members": "[members]"},
	}
	matchingTarget := map[directory.ObjectType]string{directory.User: "userName", directory.Group: "displayName"}
	for objectType, want := range tables {
		table, ok := job.PresetTable(job.PresetEntra, objectType)
		got := map[string]string{}
		for _, row := range table {
			got[row.Target] = row.Expression
			if matches := row.Target == matchingTarget[objectType]; row.FlowType != job.FlowAlways || row.DefaultValue != nil || (row.MatchingPrecedence == 1) != matches {
				t.Errorf("%s: %+v", objectType, row)
			}
		}
		if diff := cmp.Diff(want, got); !ok || diff != "" || len(table) != len(want) {
			t.Errorf("%s, %v (-want +got):\n%s", objectType, ok, diff)
		}
	}
	for _, missing := range []struct {
		name       string
		objectType directory.ObjectType
	}{{"", directory.User}, {"okta", directory.User}, {job.PresetEntra, "device"}} {
		if table, ok := job.PresetTable(missing.name, missing.objectType); ok || table != nil {
			t.Errorf("%+v: %v", missing, table)
		}
	}
}

func TestEffective(t *testing.T) {
	t.Parallel()
	own := []job.AttributeMapping{mapped("nickName", "[alias]"), mapped("Title", `"x"`), mapped("externalId", "[employeeId]")}
	m := userMapping(preset(own...), excluding("TITLE", "externalId", `phoneNumbers[type eq "fax"].value`))
	before := slices.Clone(m.Attributes)
	effective := m.Effective()
	table, _ := job.PresetTable(job.PresetEntra, directory.User)
	if got, want := len(effective), len(table)+1-1; got != want { // one new, one excluded, two overridden
		t.Errorf("%d attributes, want %d", got, want)
	}
	got := map[string]string{}
	for _, a := range effective {
		got[a.Target] = a.Expression
	}
	for target, want := range map[string]string{
		"nickName": "[alias]", "Title": `"x"`, "title": "", "externalId": "[employeeId]", "userName": "[userPrincipalName]", `phoneNumbers[type eq "fax"].value`: "",
	} {
		if got[target] != want {
			t.Errorf("%s is mapped from %q, want %q", target, got[target], want)
		}
	}
	if !slices.IsSortedFunc(effective, func(a, b job.AttributeMapping) int { return strings.Compare(a.Target, b.Target) }) {
		t.Error("not sorted")
	}
	if diff := cmp.Diff(before, m.Attributes); diff != "" || m.Owns("displayName") || !m.Owns("TITLE") {
		t.Errorf("the mapping itself changed, or what it owns: %s", diff)
	}
	if diff := cmp.Diff(userMapping().Attributes, userMapping().Effective()); diff != "" {
		t.Errorf("without preset (-want +got):\n%s", diff)
	}
}
