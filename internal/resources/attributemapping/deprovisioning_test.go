package attributemapping_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// leaving returns attributes that are complete, with policies.
func leaving(policies any) values {
	return values{"attributes": values{"userName": userName, "active": active}, "deprovisioning": policies}
}

func TestMistakesInPoliciesAreShownAtTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config values
		want   []string
	}{
		{"every action", leaving(values{"unassigned": values{"action": "delete", "after_days": 30}, "filter_failed": values{"action": "disable"}, "disabled": values{"action": "none"},
			"soft_deleted": values{"action": "set_attributes", "attributes": values{"title": "Former"}}, "hard_deleted": values{"action": "delete"}}), nil},
		{"no policy", leaving(values{}), []string{"error at deprovisioning: Invalid Attribute Value: Attribute deprovisioning map must contain at least 1 elements, got: 0"}},
		{"null policy", leaving(values{"disabled": nil}), []string{"error at deprovisioning: Null Map Value: This attribute contains a null value."}},
		{"unknown event", leaving(values{"retired": values{"action": "none"}}), []string{
			`error at deprovisioning["retired"]: Invalid Attribute Value Match: Attribute deprovisioning["retired"] value must be one of: ["unassigned" "filter_failed" "disabled" "soft_deleted" "hard_deleted"], got: "retired"`,
		}},
		{"unknown action", leaving(values{"disabled": values{"action": "archive"}}), []string{
			`error at deprovisioning["disabled"].action: Invalid Attribute Value Match: Attribute deprovisioning["disabled"].action value must be one of: ["none" "disable" "set_attributes" "delete"], got: "archive"`,
		}},
		{"no action", leaving(values{"disabled": values{"after_days": 3}}), []string{
			`error at deprovisioning["disabled"]: Invalid deprovisioning: Attribute deprovisioning["disabled"]: action is missing; it is one of none, disable, set_attributes, delete.`,
			`error at deprovisioning["disabled"]: Invalid deprovisioning: Attribute deprovisioning["disabled"]: after_days is for the action delete; remove it.`,
		}},
		{"days", leaving(values{"disabled": values{"action": "delete", "after_days": 0}}), []string{
			`error at deprovisioning["disabled"].after_days: Invalid Attribute Value: Attribute deprovisioning["disabled"].after_days value must be between 1 and 3650, got: 0`,
		}},
		{"days of another action", leaving(values{"disabled": values{"action": "none", "after_days": 3}}), []string{
			`error at deprovisioning["disabled"]: Invalid deprovisioning: Attribute deprovisioning["disabled"]: after_days is for the action delete; remove it.`,
		}},
		{"nothing to set", leaving(values{"disabled": values{"action": "set_attributes"}}), []string{
			`error at deprovisioning["disabled"]: Invalid deprovisioning: Attribute deprovisioning["disabled"]: set_attributes needs attributes to set.`,
		}},
		{"set to nothing", leaving(values{"disabled": values{"action": "set_attributes", "attributes": values{"title": ""}}}), []string{
			`error at deprovisioning["disabled"].attributes["title"]: Invalid Attribute Value Length: Attribute deprovisioning["disabled"].attributes["title"] string length must be at least 1, got: 0`,
		}},
		{"group disabled", values{"preset": "entra-default", "object_type": "group", "deprovisioning": values{"unassigned": values{"action": "disable"}}}, []string{
			`error at deprovisioning["unassigned"]: Invalid deprovisioning: Attribute deprovisioning["unassigned"]: a group cannot be disabled: it has nothing to switch off; use delete, set_attributes or none.`,
		}},
		{"nothing to switch off", values{"attributes": values{"userName": userName}, "deprovisioning": values{"unassigned": values{"action": "disable"}}}, []string{
			`error at deprovisioning["unassigned"]: Invalid deprovisioning: Attribute deprovisioning["unassigned"]: accounts cannot be disabled: no mapping reads [IsSoftDeleted], so nothing is known that switches them off; map such an attribute, or use delete or set_attributes.`,
		}},
		{"deletes off", and(leaving(values{"unassigned": values{"action": "delete"}}), values{"actions": []any{"create", "update"}}), []string{
			`error at deprovisioning["unassigned"]: Invalid deprovisioning: Attribute deprovisioning["unassigned"]: actions does not have delete; add it, or use another action.`,
		}},
		{"waits switched on", values{"attributes": values{"userName": userName}, "deprovisioning": values{"unassigned": values{"action": "delete", "after_days": 9},
			"filter_failed": values{"action": "delete"}, "disabled": values{"action": "delete"}, "soft_deleted": values{"action": "none"}}}, []string{
			`warning at deprovisioning["unassigned"]: Check the deprovisioning of unassigned: Attribute deprovisioning["unassigned"]: no mapping reads [IsSoftDeleted], so accounts stay switched on until they are deleted.`,
		}},

		{"policies not known", leaving(unknown), nil},
		{"actions not known", and(leaving(values{"unassigned": values{"action": "delete"}}), values{"actions": unknown}), nil},
		{"one action not known", and(leaving(values{"unassigned": values{"action": "delete"}}), values{"actions": []any{"create", unknown}}), nil},
		{"policy not known", leaving(values{"disabled": unknown}), nil},
		{"action not known", leaving(values{"disabled": values{"action": unknown, "after_days": 3}, "unassigned": values{"action": unknown, "attributes": values{"title": "x"}}}), nil},
		{"days not known", leaving(values{"disabled": values{"action": "none", "after_days": unknown}}), nil},
		{"attributes not known", leaving(values{"disabled": values{"action": "set_attributes", "attributes": unknown}}), nil},
		{"value not known", and(leaving(values{"disabled": values{"action": "set_attributes", "attributes": values{"level": unknown}}}),
			values{"target_attributes": values{"level": values{"type": "Integer"}}}), nil},
		{"one of two things is wrong, and it is not known which", leaving(values{"disabled": values{"action": unknown, "after_days": 3, "attributes": values{"title": "x"}}}), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			expect(t, c.want, validate(t, c.config))
		})
	}
}

func TestAccDeprovisioning(t *testing.T) {
	t.Parallel()
	s := newStage(t, person("ann", nil), person("bob", nil), person("cyn", nil))
	mapping := leaving(values{
		"disabled":     values{"action": "set_attributes", "attributes": values{"title": "Former", "nickName": "gone"}},
		"soft_deleted": values{"action": "none"},
		"hard_deleted": values{"action": "delete", "after_days": 30},
	})
	policies := tfjsonpath.New("deprovisioning")
	create := s.step(mapping,
		plancheck.ExpectKnownValue(address, policies.AtMapKey("hard_deleted").AtMapKey("after_days"), knownvalue.Int64Exact(30)),
		plancheck.ExpectKnownValue(address, policies.AtMapKey("disabled").AtMapKey("attributes").AtMapKey("title"), knownvalue.StringExact("Former")))
	left := s.step(mapping)
	left.PreConfig = func() {
		s.write(person("ann", values{"accountEnabled": false}), person("bob", nil))
	}
	changed := s.step(leaving(values{"disabled": values{"action": "disable"}}), plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate))
	changed.PreConfig = func() {
		s.holds(map[string]values{"ann": {"active": true, "title": "Former", "nickName": "gone"}, "bob": {"active": true}, "cyn": {"active": false}})
	}
	removed := s.step(values{"attributes": mapping["attributes"]}, plancheck.ExpectKnownValue(address, policies, knownvalue.Null()))
	s.Run(t, create, imported(create), left, changed, imported(changed), removed)
	// Without its policy the hard deletion is an ordinary one, and plan and apply went on with it at once.
	s.holds(map[string]values{"ann": {"active": false, "title": "Former", "nickName": "gone"}, "bob": {"active": true}})
}
