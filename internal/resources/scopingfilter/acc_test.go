package scopingfilter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const (
	address = "provisioning_scoping_filter.test"
	kind    = provisioningv1.DraftKind_DRAFT_KIND_SCOPING_FILTER
)

func filter(objectType string, clauses ...*provisioningv1.Clause) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_ScopingFilter{ScopingFilter: &provisioningv1.ScopingFilter{
		AppId: "wiki", Name: "sales-only", ObjectType: objectType, Clauses: clauses,
	}}}
}

func clause(attribute, operator string, values ...string) *provisioningv1.Clause {
	return &provisioningv1.Clause{Attribute: attribute, Operator: operator, Values: values}
}

func TestAccScopingFilter(t *testing.T) {
	t.Parallel()
	bench := acctest.New(t)

	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki/sales-only")))
	changed := acctest.Apply(t, "create", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() { bench.Put(t, filter("user", clause("department", "EQUALS", "Sales", "Marketing"))) }
	gone := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() { bench.Delete(t, kind, "wiki/sales-only") }
	update := acctest.Apply(t, "update", address, plancheck.ResourceActionUpdate)
	update.ConfigStateChecks = []statecheck.StateCheck{
		// A single value stays where it was written.
		statecheck.ExpectKnownValue(address, tfjsonpath.New("clauses").AtSliceIndex(2).AtMapKey("values"),
			knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("5")})),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("clauses").AtSliceIndex(3).AtMapKey("value"), knownvalue.StringExact(" USA,CAN")),
	}
	rename := acctest.Apply(t, "rename", address, plancheck.ResourceActionDestroyBeforeCreate)
	rename.PreConfig = func() {
		want := filter("group",
			clause("displayName", "REGEX MATCH", "(?i)^squad ", "^Team "), clause("mail", "IS NOT NULL"),
			clause("level", "GREATER_THAN", "5"), clause("country", "!&", " USA,CAN"))
		if diff := cmp.Diff(want, bench.Get(t, kind, "wiki/sales-only"), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}

	bench.Run(t, create, acctest.Import(address), changed, gone, update, rename,
		acctest.Apply(t, "move", address, plancheck.ResourceActionDestroyBeforeCreate))
}

func TestAccScopingFilterUnknown(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t, acctest.Apply(t, "create", address, plancheck.ResourceActionCreate))
}

func TestAccScopingFilterInvalid(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t,
		acctest.Refused(t, "pattern", `Attribute clauses[1].value: the clause cannot be used: the pattern is not a regular expression of .NET`),
		acctest.Refused(t, "manager", `attribute manager cannot be used in a scoping filter`),
		acctest.Refused(t, "unary", `IS NULL takes no value, not 1: remove the values.`),
		acctest.Refused(t, "binary", `EQUALS needs a value: add one.`),
		acctest.Refused(t, "operator", `Attribute clauses[1].operator: the clause cannot be used: operator "LESS_THAN" is unknown: there is no such operator: turn the clause around`),
		acctest.Refused(t, "nearest", `Attribute clauses[0].operator: the clause cannot be used: operator "EQUAL" is unknown: the nearest one is "EQUALS".`),
		acctest.Refused(t, "date", `Attribute clauses[0].attribute: the clause cannot be used: attribute employeeHireDate is a date, which cannot be used`),
		acctest.Refused(t, "soft_deleted", `attribute IsSoftDeleted follows from the scoping filters and cannot be used in one: test accountEnabled instead.`),
		acctest.Refused(t, "integer", `Attribute clauses[0].values: the clause cannot be used: GREATER_THAN compares integers, and "five" is not one: give an integer.`),
		acctest.Refused(t, "unknown_value", `Attribute clauses[0].attribute: the clause cannot be used: attribute userType cannot be used in a scoping filter`),
		acctest.Refused(t, "unknown_attribute", `Attribute clauses[0].value: the clause cannot be used: the pattern is not a regular expression of .NET`),
		acctest.Refused(t, "both", `"clauses[1].values" cannot be specified when "clauses[1].value" is specified`),
		acctest.Refused(t, "none", `Attribute clauses list must contain at least 1 elements, got: 0`),
	)
}
