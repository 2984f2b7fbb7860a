package attributemapping_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

// These tests run the whole chain: Terraform, the provider, the embedded engine, SCIM over loopback, an application.

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

const wiki = "urn:ietf:params:scim:schemas:extension:wiki:2.0:User"

// everything has a value for every row of the preset (mappings-and-scoping.md 7.1).
func everything() values {
	return person("ann@example.com", values{
		"displayName": "Ann Archer", "jobTitle": "Engineer", "mail": "ann@mail.example.com", "preferredLanguage": "de-DE", "givenName": "Ann", "surname": "Archer",
		"physicalDeliveryOfficeName": "Room 1", "streetAddress": "Street 2", "city": "Berlin", "state": "BE", "postalCode": "10115", "country": "DE",
		"telephoneNumber": "+49 1", "mobile": "+49 2", "facsimileTelephoneNumber": "+49 3", "mailNickname": "ann", "employeeId": "42", "department": "Sales",
		"manager": "id-bob@example.com",
	})
}

// account is what the preset makes of everything.
func account(manager string) values {
	return values{
		"active": true, "displayName": "Ann Archer", "title": "Engineer", "preferredLanguage": "de-DE", "externalId": "ann",
		"name":   values{"givenName": "Ann", "familyName": "Archer", "formatted": "Ann Archer"},
		"emails": []any{values{"type": "work", "value": "ann@mail.example.com"}},
		"addresses": []any{values{"type": "work", "formatted": "Room 1", "streetAddress": "Street 2", "locality": "Berlin", "region": "BE",
			"postalCode": "10115", "country": "DE"}},
		"phoneNumbers": []any{values{"type": "fax", "value": "+49 3"}, values{"type": "mobile", "value": "+49 2"}, values{"type": "work", "value": "+49 1"}},
		enterprise:     values{"employeeNumber": "42", "department": "Sales", "manager": values{"value": manager}},
	}
}

func TestAccPresetProvisionsItsTable(t *testing.T) {
	t.Parallel()
	bob := person("bob@example.com", nil)
	s := newStage(t)
	s.writeWith([]values{{"id": "id-sales", "displayName": "Sales", "securityEnabled": true, "members": []string{"id-ann@example.com"}}}, everything(), bob)
	create := s.stepWith(values{"user": values{"preset": "entra-default"}, "group": values{"preset": "entra-default"}}, nil,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("attributes"), knownvalue.Null()))
	s.Run(t, create, imported(create))
	s.holds(map[string]values{
		"ann@example.com": account(s.id("bob@example.com")),
		"bob@example.com": {"active": true, "name": values{"formatted": ""}}, // Join of nothing is the empty text
	})
	groups := s.App.Groups()
	if len(groups) != 1 || groups[0].DisplayName != "Sales" || groups[0].ExternalID != "id-sales" || !cmp.Equal(groups[0].Members, []string{"ann@example.com"}) {
		t.Errorf("groups: %+v", groups)
	}
}

func TestAccPresetWithOverridesAndExclusions(t *testing.T) {
	t.Parallel()
	s := newStage(t, everything())
	mapping := values{
		"preset":  "entra-default",
		"exclude": []string{"title", `phoneNumbers[type eq "fax"].value`, enterprise + ":manager"},
		"attributes": values{
			"DisplayName": values{"expression": `Join(", ", [surname], [givenName])`},
			"nickName":    values{"expression": "[mailNickname]"},
		},
	}
	create := s.step(mapping,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("attributes"), knownvalue.MapSizeExact(2)),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("attributes").AtMapKey("nickName").AtMapKey("flow_behavior"), knownvalue.StringExact("FlowWhenChanged")))
	s.Run(t, create, imported(create))
	want := account("")
	want["displayName"], want["nickName"] = "Archer, Ann", "ann"
	delete(want, "title")
	want["phoneNumbers"] = want["phoneNumbers"].([]any)[1:]
	delete(want[enterprise].(values), "manager")
	s.holds(map[string]values{"ann@example.com": want})
}

// Without an expression a mapping fills gaps and nothing else (mappings-and-scoping.md 2, 3.2).
func TestAccNoneFillsGaps(t *testing.T) {
	t.Parallel()
	s := newStage(t, person("ann", nil), person("bob", nil), person("cem", nil))
	s.give(values{"userName": "bob", "nickName": "Bobby"})
	s.give(values{"userName": "cem"})
	fill := s.step(with("nickName", values{"default_value": "n/a"}))
	s.Run(t, fill, imported(fill))
	s.holds(map[string]values{
		"ann": {"active": true, "nickName": "n/a"},
		"bob": {"active": true, "nickName": "Bobby"},
		"cem": {"active": true, "nickName": "n/a"},
	})
}

// A default is for new accounts only (mappings-and-scoping.md 3.1).
func TestAccDefaultsAreForNewAccounts(t *testing.T) {
	t.Parallel()
	s := newStage(t, person("ann", nil), person("bob", nil), person("cem", values{"jobTitle": ""}))
	s.give(values{"userName": "bob"})
	s.Run(t, s.step(with("title", values{"expression": "[jobTitle]", "default_value": "Colleague"})))
	s.holds(map[string]values{"ann": {"active": true, "title": "Colleague"}, "bob": {"active": true}, "cem": {"active": true, "title": ""}})
}

// mappings-and-scoping.md 4.
func TestAccFlowTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flow                string
		existing            []any // labels of an account that was there before
		adopted, afterwards []any // with the labels x and y in the source, then y and z
	}{
		{"Always", []any{"old"}, []any{"x", "y"}, []any{"y", "z"}},
		{"ObjectAddOnly", []any{"old"}, []any{"old"}, []any{"old"}},
		{"ObjectAddOnly", nil, []any{"x", "y"}, []any{"x", "y"}},
		{"AttributeAddOnly", []any{"old"}, []any{"old"}, []any{"old"}},
		{"AttributeAddOnly", nil, []any{"x", "y"}, []any{"x", "y"}},
		{"ValueAddOnly", []any{"old"}, []any{"old", "x", "y"}, []any{"old", "x", "y", "z"}},
		{"MultiValueAddOnly", []any{"old"}, []any{"old", "x", "y"}, []any{"old", "x", "y", "z"}},
		{"MultiValueAddOnly", nil, []any{"x", "y"}, []any{"x", "y", "z"}},
	} {
		name := c.flow + " of a new account"
		if c.existing != nil {
			name = c.flow + " of an adopted account"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, person("ann", values{"topics": []string{"x", "y"}}))
			if c.existing != nil {
				s.give(values{"userName": "ann", wiki: values{"labels": c.existing}})
			}
			mapping := and(with(wiki+":labels", values{"expression": "[topics]", "flow_type": c.flow}),
				values{"target_attributes": values{wiki + ":labels": values{"multivalued": true}}})
			next := s.step(mapping)
			next.PreConfig = func() {
				s.holds(map[string]values{"ann": {"active": true, wiki: values{"labels": c.adopted}}})
				s.write(person("ann", values{"topics": []string{"y", "z"}}))
			}
			s.Run(t, s.step(mapping), next)
			s.holds(map[string]values{"ann": {"active": true, wiki: values{"labels": c.afterwards}}})
		})
	}
}

// A value that was changed in the target is found when the person changes; FlowAlways sends it with every update.
func TestAccFlowBehavior(t *testing.T) {
	t.Parallel()
	for _, behavior := range []string{"FlowWhenChanged", "FlowAlways"} {
		t.Run(behavior, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, person("ann", values{"displayName": "Ann", "jobTitle": "Engineer"}))
			mapping := and(with("displayName", values{"expression": "[displayName]"}), nil)
			mapping["attributes"].(values)["title"] = values{"expression": "[jobTitle]", "flow_behavior": behavior}
			next := s.step(mapping)
			next.PreConfig = func() {
				s.App.ResetRequests()
				s.write(person("ann", values{"displayName": "Ann A.", "jobTitle": "Engineer"}))
			}
			create := s.step(mapping, plancheck.ExpectKnownValue(address, tfjsonpath.New("attributes").AtMapKey("title").AtMapKey("flow_behavior"), knownvalue.StringExact(behavior)))
			s.Run(t, create, imported(create), next)
			if got := s.patches(); got != 1 {
				t.Errorf("%d updates were sent, want 1", got)
			}
			s.holds(map[string]values{"ann": {"active": true, "displayName": "Ann A.", "title": "Engineer"}})
		})
	}
}

// One switch alone does nothing (mappings-and-scoping.md 3.3).
func TestAccNullFlowNeedsBothSwitches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                 string
		onSource, onMapping  bool
		whenMissing, whenGap values
	}{
		{"both", true, true, values{"active": true}, values{"active": true}},
		{"source", true, false, values{"active": true, "title": "Engineer"}, values{"active": true, "title": ""}},
		{"mapping", false, true, values{"active": true, "title": "Engineer"}, values{"active": true, "title": ""}},
		{"none", false, false, values{"active": true, "title": "Engineer"}, values{"active": true, "title": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, person("ann", values{"jobTitle": "Engineer"}), person("bob", values{"jobTitle": "Engineer"}))
			mapping := and(with("title", values{"expression": "[jobTitle]", "flow_null_values": c.onMapping}),
				values{"source_attributes": values{"jobTitle": values{"flow_null_values": c.onSource}}})
			emptied := s.step(mapping)
			emptied.PreConfig = func() { s.write(person("ann", nil), person("bob", values{"jobTitle": ""})) }
			s.Run(t, s.step(mapping), emptied, imported(emptied))
			s.holds(map[string]values{"ann": c.whenMissing, "bob": c.whenGap})
		})
	}
}

func TestAccRequiredAttributes(t *testing.T) {
	t.Parallel()
	s := newStage(t, person("ann", nil), person("bob", values{"jobTitle": "Engineer"}))
	mapping := with("title", values{"expression": "[jobTitle]"})
	require := func(more values) values {
		return and(values{"attributes": mapping["attributes"]}, values{"target_attributes": values{"title": and(values{"required": true}, more)}})
	}
	counts := func(created, failed int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue(jobAddress, tfjsonpath.New("last_cycle"), knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"created_count": knownvalue.Int64Exact(created), "failed_count": knownvalue.Int64Exact(failed),
		}))}
	}
	first := s.step(require(nil))
	first.ConfigStateChecks = counts(1, 1)
	defaulted := s.step(require(values{"default_value": "Colleague"}))
	defaulted.PreConfig = func() {
		s.holds(map[string]values{"bob": {"active": true, "title": "Engineer"}})
		want := []string{"user: ann: MandatoryFieldsMissing: a required attribute has no value: title; give it one in the source, or set a default_value"}
		if diff := cmp.Diff(want, s.commit()); diff != "" {
			t.Error(diff)
		}
	}
	s.Run(t, first, defaulted)
	s.holds(map[string]values{"ann": {"active": true, "title": "Colleague"}, "bob": {"active": true, "title": "Engineer"}})
}

// The first candidate that nobody in the target has (expressions.md 4.6).
func TestAccUniqueValues(t *testing.T) {
	t.Parallel()
	s := newStage(t, person("ann", values{"mailNickname": "ann"}), person("bob", values{"mailNickname": "ann"}))
	s.give(values{"userName": "ann", "externalId": "somebody else"})
	mapping := values{"attributes": values{
		"externalId": values{"expression": "[objectId]", "matching_precedence": 1},
		"active":     active,
		"userName":   values{"expression": `SelectUniqueValue([mailNickname], Append([mailNickname], "2"), Append([mailNickname], "3"))`, "flow_type": "ObjectAddOnly"},
	}}
	changed := s.step(mapping)
	changed.PreConfig = func() {
		s.write(person("ann", values{"mailNickname": "anna"}), person("bob", values{"mailNickname": "ann"}))
	}
	s.Run(t, s.step(mapping), changed)
	s.holds(map[string]values{
		"ann":  {"active": true, "externalId": "somebody else"},
		"ann2": {"active": true, "externalId": "id-ann"},
		"ann3": {"active": true, "externalId": "id-bob"},
	})
}

// Who is assigned nothing has no roles: the functions need scope "assigned" (mappings-and-scoping.md 9.4).
func TestAccRolesNeedAssignments(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	refused := s.step(with(`roles[primary eq "True"].value`, values{"expression": "SingleAppRoleAssignment([appRoleAssignments])"}))
	refused.ConfigPlanChecks = resource.ConfigPlanChecks{}
	refused.ExpectError = acctest.Message(`SingleAppRoleAssignment needs assignments, and the scope is "all"; use scope = "assigned"`)
	assigned := s.stepWith(values{"user": with(`roles[primary eq "True"].value`, values{"expression": "SingleAppRoleAssignment([appRoleAssignments])"})},
		config.Variables{"scope": config.StringVariable("assigned")})
	s.Run(t, refused, assigned)
}
