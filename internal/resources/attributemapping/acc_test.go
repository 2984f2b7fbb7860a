package attributemapping_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const (
	address = "provisioning_attribute_mapping.test"
	kind    = provisioningv1.DraftKind_DRAFT_KIND_ATTRIBUTE_MAPPING
)

func mapping(actions []string, attributes ...*provisioningv1.MappedAttribute) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_AttributeMapping{AttributeMapping: &provisioningv1.AttributeMapping{
		AppId: "wiki", ObjectType: "user", Enabled: true, Actions: actions, Attributes: attributes,
	}}}
}

func attribute(target, expression string, precedence int32) *provisioningv1.MappedAttribute {
	return &provisioningv1.MappedAttribute{Target: target, Expression: expression, MatchingPrecedence: precedence, FlowType: "Always"}
}

func TestAccAttributeMapping(t *testing.T) {
	t.Parallel()
	bench := acctest.New(t)

	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki/user")),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("enabled"), knownvalue.Bool(true)),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("attributes").AtMapKey("active").AtMapKey("flow_type"), knownvalue.StringExact("Always")))
	changed := acctest.Apply(t, "create", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() {
		want := mapping([]string{"create", "delete", "update"},
			attribute("active", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, 0),
			attribute(`emails[type eq "work"].value`, "[mail]", 0),
			attribute("userName", "[userPrincipalName]", 1))
		if diff := cmp.Diff(want, bench.Get(t, kind, "wiki/user"), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		bench.Put(t, mapping([]string{"create"}, attribute("userName", "[mail]", 1)))
	}
	gone := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() { bench.Delete(t, kind, "wiki/user") }
	group := acctest.Apply(t, "group", address, plancheck.ResourceActionDestroyBeforeCreate)
	group.PreConfig = func() {
		familyName := attribute("name.familyName", "[surname]", 0)
		familyName.DefaultValue = proto.String("unknown")
		userName := attribute("userName", "[userPrincipalName]", 2)
		userName.FlowType = "ObjectAddOnly"
		want := mapping([]string{"create", "update"}, attribute("externalId", "[objectId]", 1), familyName,
			attribute("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "[department]", 0), userName)
		if diff := cmp.Diff(want, bench.Get(t, kind, "wiki/user"), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}

	bench.Run(t, create, acctest.Import(address), changed, gone,
		acctest.Apply(t, "update", address, plancheck.ResourceActionUpdate), acctest.Import(address), group,
		acctest.Apply(t, "move", address, plancheck.ResourceActionDestroyBeforeCreate))
}

// Rules that need a value wait until it is known: an unknown precedence may turn out to be one.
func TestAccAttributeMappingUnknown(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t, acctest.Apply(t, "create", address, plancheck.ResourceActionCreate))
}

func TestAccAttributeMappingInvalid(t *testing.T) {
	t.Parallel()
	var steps []resource.TestStep
	for _, c := range []struct{ step, message string }{
		{"expression", `Attribute attributes["displayName"].expression: line 1, column 24: unknown word surname; write [surname] for an attribute or "surname" for a text
			Join(" ", [givenName], surname
			                       ^`},
		{"twice", `Attribute attributes["username"]: the attribute is mapped twice, as userName too`},
		{"flow_type", `Attribute attributes["displayName"].flow_type value must be one of: ["Always" "ObjectAddOnly"`},
		{"preset", `Attribute exclude: nickName: the preset entra-default maps no such attribute; remove it.`},
		{"unique", `Attribute attributes["nickName"].flow_type: SelectUniqueValue chooses a value for a new account; set flow_type = "ObjectAddOnly".`},
		{"unmatched", `Attribute attributes: no attribute has a matching precedence`},
	} {
		steps = append(steps, acctest.Refused(t, c.step, c.message))
	}
	acctest.New(t).Run(t, steps...)
}
