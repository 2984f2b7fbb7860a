package app_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const (
	address = "provisioning_app.test"
	kind    = provisioningv1.DraftKind_DRAFT_KIND_APP
)

func app(key, displayName string) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: key, DisplayName: displayName}}}
}

func displayName(value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("display_name"), knownvalue.StringExact(value))
}

func TestAccApp(t *testing.T) {
	t.Parallel()
	bench := acctest.New(t)

	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki")))
	create.ConfigStateChecks = []statecheck.StateCheck{displayName("Wiki")}
	changed := acctest.Apply(t, "create", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() { bench.Put(t, app("wiki", "Changed by somebody else")) }
	gone := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() { bench.Delete(t, kind, "wiki") }
	update := acctest.Apply(t, "update", address, plancheck.ResourceActionUpdate)
	update.ConfigStateChecks = []statecheck.StateCheck{displayName("Team wiki")}
	replace := acctest.Apply(t, "replace", address, plancheck.ResourceActionDestroyBeforeCreate)
	replace.ConfigPlanChecks.PreApply = append(replace.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("handbook")))

	bench.Run(t, create, acctest.Import(address), changed, gone, update, replace)
}

// An apply whose answer was lost is repeated without an error; what somebody else has made is not overwritten.
func TestAccAppExists(t *testing.T) {
	t.Parallel()
	bench := acctest.New(t)
	bench.Put(t, app("wiki", "Somebody else's"))

	taken := acctest.Refused(t, "create", `The app "wiki" already exists in the engine's store with other content; import it with terraform import`)
	equal := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	equal.PreConfig = func() { bench.Put(t, app("wiki", "Wiki")) }

	bench.Run(t, taken, equal)
}

func TestAccAppUnknown(t *testing.T) {
	t.Parallel()
	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("id")))
	create.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki")),
	}
	// The key stays unknown in the plan of a changed input: the old id must not be shown as the new one.
	replace := acctest.Apply(t, "replace", address, plancheck.ResourceActionDestroyBeforeCreate)
	replace.ConfigPlanChecks.PreApply = append(replace.ConfigPlanChecks.PreApply,
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("id")))

	acctest.New(t).Run(t, create, replace)
}

func TestAccAppInvalid(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t,
		acctest.Refused(t, "key", `Attribute key: the value cannot be part of an id: key "Wiki 1": use 1 to 64 lower-case letters, digits and hyphens`),
		acctest.Refused(t, "display_name", `Attribute display_name string length must be between 1 and 256, got: 0`),
		resource.TestStep{
			ConfigDirectory: acctest.Config(t, "valid"), ResourceName: address, ImportState: true, ImportStateId: "wiki/main",
			ExpectError: acctest.Message(`expected the form <key>, got "wiki/main"`),
		},
	)
}
