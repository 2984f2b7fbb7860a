package draft_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"google.golang.org/protobuf/testing/protocmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/app"
)

// What the job's plan can see of a draft that is planned in the same walk.
func TestPlannedContentIsRecorded(t *testing.T) {
	t.Parallel()
	kind := provisioningv1.DraftKind_DRAFT_KIND_APP
	text := func(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }
	wiki := &provisioningv1.Draft{Kind: &provisioningv1.Draft_App{App: &provisioningv1.App{Key: "wiki", DisplayName: "Wiki"}}}
	for _, c := range []struct {
		name             string
		key, displayName tftypes.Value
		timeout          any
		unchanged        bool
		want             *provisioningv1.Draft
		seen             bool
		id               types.String
	}{
		{"create", text("wiki"), text("Wiki"), nil, false, wiki, true, types.StringValue("wiki")},
		{"no change", text("wiki"), text("Wiki"), nil, true, wiki, true, types.StringValue("wiki")},
		{"unknown content", text("wiki"), text(tftypes.UnknownValue), nil, false, nil, true, types.StringValue("wiki")},
		{"unknown timeout", text("wiki"), text("Wiki"), tftypes.UnknownValue, false, wiki, true, types.StringValue("wiki")},
		{"unknown key", text(tftypes.UnknownValue), text("Wiki"), nil, false, nil, false, types.StringUnknown()},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			walk := planwalk.New(nil)
			r, ok := app.NewResource().(interface {
				resource.ResourceWithConfigure
				resource.ResourceWithModifyPlan
			})
			if !ok {
				t.Fatal("the resource does not take part in planning")
			}
			r.Configure(t.Context(), resource.ConfigureRequest{ProviderData: walk}, &resource.ConfigureResponse{})
			var schema resource.SchemaResponse
			r.Schema(t.Context(), resource.SchemaRequest{}, &schema)
			block, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
			if !ok {
				t.Fatal("the schema is not an object")
			}
			planned := tftypes.NewValue(block, map[string]tftypes.Value{
				"id": text(tftypes.UnknownValue), "key": c.key, "display_name": c.displayName, "template": text(nil),
				"timeouts": tftypes.NewValue(block.AttributeTypes["timeouts"], c.timeout),
			})
			req := resource.ModifyPlanRequest{
				Plan:  tfsdk.Plan{Schema: schema.Schema, Raw: planned},
				State: tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(block, nil)},
			}
			if c.unchanged {
				req.State.Raw = planned
			}
			resp := resource.ModifyPlanResponse{Plan: req.Plan}

			r.ModifyPlan(t.Context(), req, &resp)

			if resp.Diagnostics.HasError() {
				t.Fatal(resp.Diagnostics)
			}
			var id types.String
			resp.Diagnostics.Append(resp.Plan.GetAttribute(t.Context(), path.Root("id"), &id)...)
			if !id.Equal(c.id) {
				t.Errorf("id %s, want %s", id, c.id)
			}
			got, seen := walk.Planned(kind, "wiki")
			if diff := cmp.Diff(c.want, got, protocmp.Transform()); diff != "" || seen != c.seen {
				t.Errorf("seen %v, want %v; %s", seen, c.seen, diff)
			}
		})
	}
}
