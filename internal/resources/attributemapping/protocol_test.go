package attributemapping_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

const resourceType = "provisioning_attribute_mapping"

type values = map[string]any

// unknown stands for a value that is not known yet when Terraform validates.
const unknown = tftypes.UnknownValue

// and adds settings to a configuration.
func and(config values, more values) values {
	for name, value := range more {
		config[name] = value
	}
	return config
}

// expect compares diagnostics. What is wanted may end before the advice, which is up to the rule.
func expect(t *testing.T, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		got[i] = got[i][:min(len(want[i]), len(got[i]))]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// validate returns the diagnostics of Terraform's validation of a user mapping of the app "wiki".
func validate(t *testing.T, config values) []string {
	t.Helper()
	server, kind := newServer(t, planwalk.Engine{})
	answer, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: resourceType, Config: wire(t, kind, value(kind, and(values{"app_id": "wiki", "object_type": "user"}, config))),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range answer.Diagnostics {
		got = append(got, strings.ToLower(d.Severity.String())+" at "+written(d.Attribute)+": "+d.Summary+": "+d.Detail)
	}
	return got
}

// newServer returns the provider on an engine, spoken to as Terraform does, and the type of the resource's values.
func newServer(t *testing.T, engine planwalk.Engine) (tfprotov6.ProviderServer, tftypes.Type) {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New("test", func(context.Context, provider.Embedded) (planwalk.Engine, error) { return engine, nil })())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind := schemas.Provider.ValueType()
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: wire(t, kind, value(kind, values{"embedded": values{"store": "test.db"}})),
	})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured.Diagnostics)
	}
	return server, schemas.ResourceSchemas[resourceType].ValueType()
}

// written is a path as users write it.
func written(at *tftypes.AttributePath) string {
	var b strings.Builder
	for i, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if i > 0 {
				b.WriteString(".")
			}
			b.WriteString(string(step))
		case tftypes.ElementKeyString:
			b.WriteString(`["` + string(step) + `"]`)
		case tftypes.ElementKeyValue:
			var text string
			_ = tftypes.Value(step).As(&text)
			b.WriteString(`["` + text + `"]`)
		}
	}
	return b.String()
}

// value returns a Go value as one of Terraform's; what is missing in an object is null.
func value(kind tftypes.Type, from any) tftypes.Value {
	if from == nil || from == any(unknown) {
		return tftypes.NewValue(kind, from)
	}
	switch kind := kind.(type) {
	case tftypes.Object:
		children := map[string]tftypes.Value{}
		for name, child := range kind.AttributeTypes {
			children[name] = value(child, from.(values)[name])
		}
		return tftypes.NewValue(kind, children)
	case tftypes.Map:
		children := map[string]tftypes.Value{}
		for name, child := range from.(values) {
			children[name] = value(kind.ElementType, child)
		}
		return tftypes.NewValue(kind, children)
	case tftypes.Set:
		var children []tftypes.Value
		for _, child := range from.([]any) {
			children = append(children, value(kind.ElementType, child))
		}
		return tftypes.NewValue(kind, children)
	default:
		return tftypes.NewValue(kind, from)
	}
}

func wire(t *testing.T, kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	wire, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		t.Fatal(err)
	}
	return &wire
}

func unwire(t *testing.T, kind tftypes.Type, wire *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	value, err := wire.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
