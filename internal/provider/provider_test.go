package provider_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	fwprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provider"
)

var (
	embeddedType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"store": tftypes.String, "key_file": tftypes.String}}
	blockType    = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"embedded": embeddedType}}
)

// embedded is the embedded attribute; nil is null.
func embedded(store, keyFile any) tftypes.Value {
	return tftypes.NewValue(embeddedType, map[string]tftypes.Value{
		"store": tftypes.NewValue(tftypes.String, store), "key_file": tftypes.NewValue(tftypes.String, keyFile),
	})
}

// configure configures a provider and returns the walk it hands out, and where its engine was opened.
func configure(t *testing.T, p fwprovider.Provider, embedded tftypes.Value) (*planwalk.Walk, fwprovider.ConfigureResponse) {
	t.Helper()
	var schema fwprovider.SchemaResponse
	p.Schema(t.Context(), fwprovider.SchemaRequest{}, &schema)
	config := tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(blockType, map[string]tftypes.Value{"embedded": embedded})}
	var resp fwprovider.ConfigureResponse
	p.Configure(t.Context(), fwprovider.ConfigureRequest{Config: config}, &resp)
	walk, ok := resp.ResourceData.(*planwalk.Walk)
	if !ok {
		t.Fatalf("resources are handed %T: %v", resp.ResourceData, resp.Diagnostics)
	}
	if resp.DataSourceData != any(walk) {
		t.Error("data sources are handed another walk")
	}
	return walk, resp
}

func TestConfigure(t *testing.T) {
	none := tftypes.NewValue(embeddedType, nil)
	for _, c := range []struct {
		name           string
		store, keyFile string // environment
		embedded       tftypes.Value
		want           provider.Embedded
	}{
		{"nothing", "", "", none, provider.Embedded{Store: "provisioning.db"}},
		{"empty", "", "", embedded(nil, nil), provider.Embedded{Store: "provisioning.db"}},
		{"environment", "env.db", "env.key", none, provider.Embedded{Store: "env.db", KeyFile: "env.key"}},
		{"configuration wins", "env.db", "env.key", embedded("own.db", "own.key"), provider.Embedded{Store: "own.db", KeyFile: "own.key"}},
		{"each for itself", "env.db", "env.key", embedded(nil, "own.key"), provider.Embedded{Store: "env.db", KeyFile: "own.key"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("PROVISIONING_STORE", c.store)
			t.Setenv("PROVISIONING_STORE_KEY_FILE", c.keyFile)
			var opened []provider.Embedded
			p := provider.New("test", func(_ context.Context, where provider.Embedded) (planwalk.Engine, error) {
				opened = append(opened, where)
				return planwalk.Engine{}, nil
			})()
			walk, resp := configure(t, p, c.embedded)
			if len(resp.Diagnostics) > 0 || !walk.Configured() || len(opened) > 0 {
				t.Fatalf("configured %v, opened %v, %v", walk.Configured(), opened, resp.Diagnostics)
			}
			for range 2 {
				if _, err := walk.Engine(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]provider.Embedded{c.want}, opened); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Terraform configures the provider in a plan with values that are not known yet, and must not fail for it.
func TestConfigureUnknown(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]tftypes.Value{
		"embedded": tftypes.NewValue(embeddedType, tftypes.UnknownValue),
		"store":    embedded(tftypes.UnknownValue, nil),
		"key file": embedded("own.db", tftypes.UnknownValue),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := provider.New("test", func(context.Context, provider.Embedded) (planwalk.Engine, error) {
				t.Error("the engine was opened")
				return planwalk.Engine{}, nil
			})()
			walk, resp := configure(t, p, value)
			if walk.Configured() || resp.Diagnostics.HasError() || resp.Diagnostics.WarningsCount() != 1 {
				t.Errorf("configured %v, %v", walk.Configured(), resp.Diagnostics)
			}
		})
	}
}

// The harness and a debugger run several walks with one provider value: they must share nothing.
func TestEveryConfigureBuildsItsOwnWalk(t *testing.T) {
	t.Parallel()
	p := provider.New("test", func(context.Context, provider.Embedded) (planwalk.Engine, error) { return planwalk.Engine{}, nil })()
	first, _ := configure(t, p, embedded(nil, nil))
	second, _ := configure(t, p, embedded(nil, nil))
	if first == second {
		t.Error("two walks are one")
	}
}
