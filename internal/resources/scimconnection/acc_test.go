package scimconnection_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"google.golang.org/protobuf/proto"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

const (
	address = "provisioning_scim_connection.test"
	kind    = provisioningv1.DraftKind_DRAFT_KIND_SCIM_CONNECTION
)

// sentTokens returns the token of every write of a connection, "-" when none was sent.
func sentTokens(fake *acctest.Fake) []string {
	var tokens []string
	for _, put := range fake.Puts() {
		if put.GetDraft().GetScimConnection() == nil {
			continue
		}
		if put.Secret == nil {
			tokens = append(tokens, "-")
			continue
		}
		tokens = append(tokens, put.GetSecret())
	}
	return tokens
}

func TestAccSCIMConnection(t *testing.T) {
	t.Parallel()
	fake := acctest.NewFake()
	bench := acctest.On(fake.Client())
	expectTokens := func(want ...string) func() {
		return func() {
			if diff := cmp.Diff(want, sentTokens(fake)); diff != "" {
				t.Error(diff)
			}
		}
	}

	create := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	create.ConfigPlanChecks.PreApply = append(create.ConfigPlanChecks.PreApply,
		plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("wiki/scim")),
		plancheck.ExpectKnownValue(address, tfjsonpath.New("profile"), knownvalue.Null()))
	create.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("bearer_token_wo"), knownvalue.Null()),
	}
	limits := acctest.Apply(t, "limits", address, plancheck.ResourceActionUpdate)
	limits.PreConfig = expectTokens("first token")
	limits.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("rate_limit"), knownvalue.ObjectExact(map[string]knownvalue.Check{
			"requests_per_second": knownvalue.Float64Exact(12.5), "concurrency": knownvalue.Int64Exact(4), "burst": knownvalue.Int64Exact(3),
		})),
		statecheck.ExpectKnownValue(address, tfjsonpath.New("compatibility"), knownvalue.ObjectExact(map[string]knownvalue.Check{
			"update_method": knownvalue.StringExact("put"), "bulk": knownvalue.StringExact("off"), "members_per_patch": knownvalue.Int64Exact(20),
			"verify_members": knownvalue.Bool(true), "not_found_is_empty": knownvalue.Bool(false),
		})),
	}
	// The token changed with the step before, but only now its version did.
	rotate := acctest.Apply(t, "rotate", address, plancheck.ResourceActionUpdate)
	rotate.PreConfig = expectTokens("first token", "-")
	changed := acctest.Apply(t, "rotate", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() {
		expectTokens("first token", "-", "second token")()
		draft := proto.CloneOf(bench.Get(t, kind, "wiki/scim"))
		draft.GetScimConnection().TokenVersion = 0
		draft.GetScimConnection().RateLimit = nil
		bench.Put(t, draft)
	}
	gone := acctest.Apply(t, "rotate", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() {
		expectTokens("first token", "-", "second token", "-", "second token")()
		bench.Delete(t, kind, "wiki/scim")
	}
	open := acctest.Apply(t, "open", address, plancheck.ResourceActionUpdate)
	open.PreConfig = expectTokens("first token", "-", "second token", "-", "second token", "second token")
	open.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(address, tfjsonpath.New("bearer_token_wo_version"), knownvalue.Null()),
	}

	bench.Run(t, create, acctest.Import(address), limits, rotate, acctest.Import(address), changed, gone, open,
		acctest.Apply(t, "rename", address, plancheck.ResourceActionDestroyBeforeCreate),
		acctest.Apply(t, "move", address, plancheck.ResourceActionDestroyBeforeCreate))
}

// A token from an ephemeral variable reaches the engine and nothing else.
func TestAccSCIMConnectionEphemeral(t *testing.T) {
	t.Parallel()
	const token = "token-that-must-not-be-stored"
	fake := acctest.NewFake()
	step := acctest.Apply(t, "create", address, plancheck.ResourceActionCreate)
	step.ConfigVariables = config.Variables{"token": config.StringVariable(token)}
	step.Check = func(state *terraform.State) error {
		if strings.Contains(state.String(), token) {
			t.Error("the token is in the state")
		}
		return nil
	}

	acctest.On(fake.Client()).Run(t, step)

	if diff := cmp.Diff([]string{token}, sentTokens(fake)); diff != "" {
		t.Error(diff)
	}
}

func TestAccSCIMConnectionInvalid(t *testing.T) {
	t.Parallel()
	var steps []resource.TestStep
	for _, c := range []struct{ step, message string }{
		{"http", `http is allowed for loopback hosts only`},
		{"credentials", `it contains credentials; put the token in bearer_token_wo`},
		{"no_version", `Attribute "bearer_token_wo_version" must be specified when "bearer_token_wo" is specified`},
		{"no_token", `Attribute "bearer_token_wo" must be specified when "bearer_token_wo_version" is specified`},
		{"profile", `Attribute profile value must be one of: ["rfc" "entra" "entra-compliant"], got:`},
		{"members", `Attribute compatibility.members_per_patch value must be between 1 and 10000`},
		{"method", `Attribute compatibility.update_method value must be one of`},
		{"timeout", `Attribute timeout_seconds value must be between 1 and 3600`},
		{"rate", `Attribute rate_limit.requests_per_second value must be between`},
		{"no_rate", `At least one attribute out of`},
		{"certificate", `no PEM block found; expected -----BEGIN CERTIFICATE-----`},
	} {
		steps = append(steps, acctest.Refused(t, c.step, c.message))
	}
	acctest.New(t).Run(t, steps...)
}
