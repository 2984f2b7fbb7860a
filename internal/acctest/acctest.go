package acctest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

// Bench is an engine with the provider on top of it.
type Bench struct {
	Engine planwalk.Engine
}

// On returns a bench on an engine.
func On(engine planwalk.Engine) *Bench { return &Bench{Engine: engine} }

// Factories returns the provider in process. Every walk of every step uses the bench's one engine.
func (b *Bench) Factories() map[string]func() (tfprotov6.ProviderServer, error) {
	open := func(context.Context, provider.Embedded) (planwalk.Engine, error) { return b.Engine, nil }
	return map[string]func() (tfprotov6.ProviderServer, error){
		"provisioning": providerserver.NewProtocol6WithError(provider.New("test", open)()),
	}
}

// Run runs the steps and checks that nothing is left of the managed drafts at the end.
func (b *Bench) Run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: b.Factories(),
		Steps:                    steps,
		CheckDestroy:             b.checkDestroy,
	})
}

func (b *Bench) checkDestroy(state *terraform.State) error {
	var left []error
	for address, managed := range state.RootModule().Resources {
		kind := kindOf(managed.Type)
		if kind == provisioningv1.DraftKind_DRAFT_KIND_UNSPECIFIED || strings.HasPrefix(address, "data.") {
			continue
		}
		_, err := b.Engine.Drafts.GetDraft(context.Background(), connect.NewRequest(&provisioningv1.GetDraftRequest{Kind: kind, Id: managed.Primary.ID}))
		if connect.CodeOf(err) != connect.CodeNotFound {
			left = append(left, fmt.Errorf("%s %q is still there, or could not be looked up", kind, managed.Primary.ID))
		}
	}
	return errors.Join(left...)
}

// Put writes a draft behind Terraform's back.
func (b *Bench) Put(t *testing.T, draft *provisioningv1.Draft) {
	t.Helper()
	if _, err := b.Engine.Drafts.PutDraft(t.Context(), connect.NewRequest(&provisioningv1.PutDraftRequest{Draft: draft})); err != nil {
		t.Fatal(err)
	}
}

// Get returns a draft.
func (b *Bench) Get(t *testing.T, kind provisioningv1.DraftKind, id string) *provisioningv1.Draft {
	t.Helper()
	answer, err := b.Engine.Drafts.GetDraft(t.Context(), connect.NewRequest(&provisioningv1.GetDraftRequest{Kind: kind, Id: id}))
	if err != nil {
		t.Fatal(err)
	}
	return answer.Msg.GetDraft()
}

// Delete removes a draft behind Terraform's back.
func (b *Bench) Delete(t *testing.T, kind provisioningv1.DraftKind, id string) {
	t.Helper()
	if _, err := b.Engine.Drafts.DeleteDraft(t.Context(), connect.NewRequest(&provisioningv1.DeleteDraftRequest{Kind: kind, Id: id})); err != nil {
		t.Fatal(err)
	}
}

// Config returns the configuration of a step of the running test: testdata/<test>/<step>.
func Config(t *testing.T, step string) config.TestStepConfigFunc {
	return config.StaticDirectory(filepath.Join("testdata", t.Name(), step))
}

// Apply returns a step that applies a configuration, expects the planned action for one resource, and expects
// nothing left to do afterwards.
func Apply(t *testing.T, step, address string, action plancheck.ResourceActionType) resource.TestStep {
	t.Helper()
	return resource.TestStep{
		ConfigDirectory: Config(t, step),
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		},
	}
}

// Import returns a step that imports what the step before has made and compares the two.
func Import(address string, ignore ...string) resource.TestStep {
	return resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: append(ignore, "timeouts")}
}

// Refused returns a step whose plan fails with a message.
func Refused(t *testing.T, step, message string) resource.TestStep {
	t.Helper()
	return resource.TestStep{ConfigDirectory: Config(t, step), ExpectError: Message(message)}
}

// Message matches a text however Terraform has broken its lines.
func Message(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `\s+`))
}

// kindOf returns the kind of draft that a resource type writes, unspecified when it writes none.
func kindOf(resourceType string) provisioningv1.DraftKind {
	name := "DRAFT_KIND_" + strings.ToUpper(strings.TrimPrefix(resourceType, "provisioning_"))
	return provisioningv1.DraftKind(provisioningv1.DraftKind_value[name])
}
