package source_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const (
	address = "provisioning_source.test"
	kind    = provisioningv1.DraftKind_DRAFT_KIND_SOURCE
)

func source(file *provisioningv1.FileSource) *provisioningv1.Draft {
	return &provisioningv1.Draft{Kind: &provisioningv1.Draft_Source{Source: &provisioningv1.Source{
		Key: "people", Origin: &provisioningv1.Source_File{File: file},
	}}}
}

func TestAccSource(t *testing.T) {
	t.Parallel()
	bench := acctest.New(t)

	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("people")))
	create.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("default_domain"), knownvalue.Null()),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("file"), knownvalue.ObjectExact(map[string]knownvalue.Check{
			"path": knownvalue.StringExact("./people.json"), "format": knownvalue.Null(), "groups_column": knownvalue.Null(),
		})),
	}
	changed := acctest.Apply(t, "create", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() { bench.Put(t, source(&provisioningv1.FileSource{Path: "elsewhere.json", Format: "json"})) }
	gone := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() { bench.Delete(t, kind, "people") }
	update := acctest.Apply(t, "update", address, plancheck.ResourceActionUpdate)
	update.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("default_domain"), knownvalue.StringExact("example.com")),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("file"), knownvalue.ObjectExact(map[string]knownvalue.Check{
			"path": knownvalue.StringExact("people.txt"), "format": knownvalue.StringExact("csv"), "groups_column": knownvalue.StringExact("teams"),
		})),
	}
	replace := acctest.Apply(t, "replace", address, plancheck.ResourceActionDestroyBeforeCreate)

	bench.Run(t, create, acctest.Import(address), changed, gone, update, acctest.Import(address), replace)
}

func TestAccSourceUnknown(t *testing.T) {
	t.Parallel()
	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("people")),
		plancheck.ExpectUnknownValue(address, tfjsonpath.New("file").AtMapKey("path")))

	acctest.New(t).Run(t, create)
}

func TestAccSourceInvalid(t *testing.T) {
	t.Parallel()
	acctest.New(t).Run(t,
		acctest.Refused(t, "key", `Attribute key: the value cannot be part of an id: key "people/2"`),
		acctest.Refused(t, "format", `Attribute file.format value must be one of: ["json" "csv"], got: "xml"`),
		acctest.Refused(t, "domain", `Attribute default_domain string length must be at least 1, got: 0`),
		acctest.Refused(t, "path", `Attribute file.path string length must be at least 1, got: 0`),
	)
}
