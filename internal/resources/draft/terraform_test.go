package draft_test

import (
	"context"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

// terraform plays Terraform's part of the protocol, for what cannot be seen through the CLI: warnings, and private
// data handed from one walk to the next.
type terraform struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	kind   string // resource type
	block  tftypes.Object
}

// object is what Terraform remembers of a managed object between two walks.
type object struct {
	state   tftypes.Value
	private []byte
}

// newTerraform starts a provider and configures it. An unknown store leaves it without an engine.
func newTerraform(t *testing.T, kind string, engine planwalk.Engine, store any) *terraform {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test", func(context.Context, provider.Embedded) (planwalk.Engine, error) {
		return engine, nil
	})())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block, ok := schemas.ResourceSchemas[kind].ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("%s has no attributes", kind)
	}
	embedded := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"store": tftypes.String, "key_file": tftypes.String}}
	config := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"embedded": embedded}}
	f := &terraform{t: t, server: server, kind: kind, block: block}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: f.wire(config, tftypes.NewValue(config, map[string]tftypes.Value{
			"embedded": tftypes.NewValue(embedded, map[string]tftypes.Value{
				"store": tftypes.NewValue(tftypes.String, store), "key_file": tftypes.NewValue(tftypes.String, nil),
			}),
		})),
	})
	if err != nil || len(configured.Diagnostics) > 0 && configured.Diagnostics[0].Severity == tfprotov6.DiagnosticSeverityError {
		t.Fatal(err, configured)
	}
	return f
}

// config returns a configuration with some attributes set.
func (f *terraform) config(attributes map[string]tftypes.Value) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range f.block.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
	}
	maps.Copy(all, attributes)
	return tftypes.NewValue(f.block, all)
}

// plan plans a configuration. Write-only attributes are in the configuration only.
func (f *terraform) plan(config tftypes.Value, prior object) *tfprotov6.PlanResourceChangeResponse {
	f.t.Helper()
	var proposed map[string]tftypes.Value
	if err := config.As(&proposed); err != nil {
		f.t.Fatal(err)
	}
	proposed = maps.Clone(proposed)
	if _, ok := proposed["bearer_token_wo"]; ok {
		proposed["bearer_token_wo"] = tftypes.NewValue(tftypes.String, nil)
	}
	if !prior.state.IsNull() {
		var before map[string]tftypes.Value
		if err := prior.state.As(&before); err != nil {
			f.t.Fatal(err)
		}
		proposed["id"] = before["id"]
	}
	resp, err := f.server.PlanResourceChange(f.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: f.kind, Config: f.wire(f.block, config), PriorState: f.wire(f.block, prior.state), PriorPrivate: prior.private,
		ProposedNewState: f.wire(f.block, tftypes.NewValue(f.block, proposed)),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return resp
}

// apply plans and applies, and returns what Terraform would remember. An object whose creation failed is null.
func (f *terraform) apply(config tftypes.Value, prior object) (object, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	planned := f.plan(config, prior)
	f.quiet(planned.Diagnostics)
	resp, err := f.server.ApplyResourceChange(f.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: f.kind, Config: f.wire(f.block, config), PriorState: f.wire(f.block, prior.state),
		PlannedState: planned.PlannedState, PlannedPrivate: planned.PlannedPrivate,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return object{f.unwire(resp.NewState), resp.Private}, resp.Diagnostics
}

// destroy deletes an object.
func (f *terraform) destroy(prior object) []*tfprotov6.Diagnostic {
	f.t.Helper()
	null := f.wire(f.block, f.nothing().state)
	resp, err := f.server.ApplyResourceChange(f.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: f.kind, Config: null, PriorState: f.wire(f.block, prior.state), PlannedState: null, PlannedPrivate: prior.private,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return resp.Diagnostics
}

// read refreshes an object.
func (f *terraform) read(prior object) (object, []*tfprotov6.Diagnostic) {
	f.t.Helper()
	resp, err := f.server.ReadResource(f.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: f.kind, CurrentState: f.wire(f.block, prior.state), Private: prior.private,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return object{f.unwire(resp.NewState), resp.Private}, resp.Diagnostics
}

// nothing is an object that does not exist.
func (f *terraform) nothing() object { return object{state: tftypes.NewValue(f.block, nil)} }

// quiet fails the test when there is something to say.
func (f *terraform) quiet(diagnostics []*tfprotov6.Diagnostic) {
	f.t.Helper()
	for _, d := range diagnostics {
		f.t.Fatalf("%s: %s", d.Summary, d.Detail)
	}
}

func (f *terraform) wire(kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	f.t.Helper()
	wire, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		f.t.Fatal(err)
	}
	return &wire
}

func (f *terraform) unwire(wire *tfprotov6.DynamicValue) tftypes.Value {
	f.t.Helper()
	value, err := wire.Unmarshal(f.block)
	if err != nil {
		f.t.Fatal(err)
	}
	return value
}
