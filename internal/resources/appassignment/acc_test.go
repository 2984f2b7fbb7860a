package appassignment_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const (
	address = "provisioning_app_assignment.test"
	kind    = provisioningv1.DraftKind_DRAFT_KIND_APP_ASSIGNMENT
)

func assignment(users ...string) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_AppAssignment{AppAssignment: &provisioningv1.AppAssignment{
		AppId: "wiki", Name: "board", UserIds: users,
	}}}
}

func TestAccAppAssignment(t *testing.T) {
	t.Parallel()
	bench := acctest.New(t)

	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki/board")))
	changed := acctest.Apply(t, "create", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() {
		// The engine got the users in order, whatever the order in the configuration.
		if diff := cmp.Diff(assignment("u1", "u2"), bench.Get(t, kind, "wiki/board"), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		bench.Put(t, assignment("u1"))
	}
	gone := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() { bench.Delete(t, kind, "wiki/board") }
	update := acctest.Apply(t, "update", address, plancheck.ResourceActionUpdate)
	update.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("user_ids"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("group_ids"), knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact("g1")})),
	}

	bench.Run(t, create, acctest.Import(address), changed, gone, update, acctest.Import(address),
		acctest.Apply(t, "rename", address, plancheck.ResourceActionDestroyBeforeCreate),
		acctest.Apply(t, "move", address, plancheck.ResourceActionDestroyBeforeCreate))
}

func TestAccAppAssignmentUnknown(t *testing.T) {
	t.Parallel()
	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki/board")))

	acctest.New(t).Run(t, create)
}

func TestAccAppAssignmentInvalid(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t,
		acctest.Refused(t, "nobody", `At least one attribute out of [group_ids,user_ids] must be specified`),
		acctest.Refused(t, "empty", `Attribute group_ids set must contain at least 1 elements, got: 0`),
		acctest.Refused(t, "app_id", `Attribute app_id: the value cannot be part of an id: key "wiki/main"`),
		resource.TestStep{
			ConfigDirectory: acctest.Config(t, "valid"), ResourceName: address, ImportState: true, ImportStateId: "wiki",
			ExpectError: acctest.Message(`expected the form <app_id>/<name>, got "wiki"`),
		},
	)
}
