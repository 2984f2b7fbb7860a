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
		token, sent := put.GetSecrets()["bearer_token"]
		if !sent {
			token = "-"
		}
		tokens = append(tokens, token)
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
	limits.PreConfig = expectTokens("first-token")
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
	rotate.PreConfig = expectTokens("first-token", "-")
	changed := acctest.Apply(t, "rotate", address, plancheck.ResourceActionUpdate)
	changed.PreConfig = func() {
		expectTokens("first-token", "-", "second-token")()
		draft := proto.CloneOf(bench.Get(t, kind, "wiki/scim"))
		draft.GetScimConnection().TokenVersion = 0
		draft.GetScimConnection().RateLimit = nil
		bench.Put(t, draft)
	}
	gone := acctest.Apply(t, "rotate", address, plancheck.ResourceActionCreate)
	gone.PreConfig = func() {
		expectTokens("first-token", "-", "second-token", "-", "second-token")()
		bench.Delete(t, kind, "wiki/scim")
	}
	open := acctest.Apply(t, "open", address, plancheck.ResourceActionUpdate)
	open.PreConfig = expectTokens("first-token", "-", "second-token", "-", "second-token", "second-token")
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
		{"credentials", `it contains credentials; use bearer_token_wo, oauth2 or basic`},
		{"below", `it ends with /Users, which is asked for below it; leave that off.`},
		{"token", `Attribute bearer_token_wo: the token cannot be used: it begins with the word Bearer`},
		{"no_version", `Attribute "bearer_token_wo_version" must be specified when "bearer_token_wo" is specified`},
		{"no_token", `Attribute "bearer_token_wo" must be specified when "bearer_token_wo_version" is specified`},
		{"profile", `Attribute profile value must be one of: ["rfc" "entra" "entra-compliant" "rfc@1" "entra@1" "entra-compliant@1"], got:`},
		{"none", `Set exactly one of bearer_token_wo, oauth2 and basic, or tls.client_certificate_pem`},
		{"two", `Attribute oauth2: bearer_token_wo and oauth2 exclude each other; remove one.`},
		{"three", `Attribute basic: oauth2 and basic exclude each other; remove one.`},
		{"no_secret", `Attribute oauth2.client_secret_wo: oauth2 needs the client's secret`},
		{"no_secret_version", `Attribute "oauth2.client_secret_wo_version" must be specified when "oauth2.client_secret_wo" is specified`},
		{"no_key", `Attribute oauth2.private_key_wo: client_authentication = "private_key_jwt" needs the client's private key.`},
		{"two_kinds", `Attribute oauth2.client_secret_wo: client_authentication = "private_key_jwt" uses no client secret`},
		{"audience", `Attribute oauth2.audience: it is for client_authentication = "private_key_jwt" only.`},
		{"not_a_key", `Attribute oauth2.private_key_wo: the key cannot be used: no PEM block found`},
		{"authentication", `Attribute oauth2.client_authentication value must be one of: ["body" "basic" "private_key_jwt"]`},
		{"token_url", `Attribute oauth2.token_url: the URL cannot be used: http is allowed for loopback hosts only`},
		{"parameters", `Attribute oauth2.token_parameters["scope"]: this parameter follows from other attributes of oauth2`},
		{"scopes", `the value must not be empty and must not hold blanks or commas`},
		{"username", `Attribute basic.username: the name must not be empty and must not hold a colon`},
		{"no_password", `Attribute basic.password_wo: basic needs the user's password.`},
		{"no_client_key", `Attribute "tls.client_key_wo" must be specified when "tls.client_certificate_pem" is specified`},
		{"client_key_alone", `Attribute "tls.client_certificate_pem" must be specified when "tls.client_key_wo" is specified`},
		{"min_version", `Attribute tls.min_version value must be one of: ["1.2" "1.3"]`},
		{"proxy_credentials", `Attribute proxy.url: the URL cannot be used: it contains credentials; use username and password_wo.`},
		{"proxy_username", `Attribute "proxy.username" must be specified when "proxy.password_wo" is specified`},
		{"headers", `Attribute headers["authorization"]: this header is set by the protocol or holds credentials`},
		{"headers_value", `Attribute headers["X-Tenant"]: the value holds a line break`},
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
