package job

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"google.golang.org/protobuf/testing/protocmp"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

func restartOf(scope []string, triggers map[string]string, acknowledged types.Bool) types.Object {
	scopes, reasons := types.SetNull(types.StringType), types.MapNull(types.StringType)
	if scope != nil {
		var values []attr.Value
		for _, name := range scope {
			values = append(values, types.StringValue(name))
		}
		scopes = types.SetValueMust(types.StringType, values)
	}
	if triggers != nil {
		values := map[string]attr.Value{}
		for name, value := range triggers {
			values[name] = types.StringValue(value)
		}
		reasons = types.MapValueMust(types.StringType, values)
	}
	return types.ObjectValueMust(restartTypes(), map[string]attr.Value{"scope": scopes, "triggers": reasons, "acknowledge_orphans": acknowledged})
}

// TestRestartThereAndBack: what was written comes back as it was written, and what somebody else committed shows.
func TestRestartThereAndBack(t *testing.T) {
	t.Parallel()
	reason := map[string]string{"reason": "one"}
	for _, test := range []struct {
		name    string
		written types.Object
		message *provisioningv1.Restart
	}{
		{"none", types.ObjectNull(restartTypes()), nil},
		{"empty", restartOf(nil, nil, types.BoolNull()), &provisioningv1.Restart{}},
		{"acknowledged false", restartOf([]string{"Watermark"}, nil, types.BoolValue(false)), &provisioningv1.Restart{Scope: []string{"Watermark"}}},
		{"all", restartOf([]string{"Watermark", "Escrows"}, reason, types.BoolValue(true)), &provisioningv1.Restart{Scope: []string{"Escrows", "Watermark"}, Triggers: reason, AcknowledgeOrphans: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			message, diags := restartToAPI(t.Context(), test.written)
			if diff := cmp.Diff(test.message, message, protocmp.Transform()); diff != "" || diags.HasError() {
				t.Fatalf("%v (-want +got):\n%s", diags, diff)
			}
			back, diags := restartFromAPI(t.Context(), test.written, message)
			if !back.Equal(test.written) || diags.HasError() {
				t.Errorf("%v: got %s, want %s", diags, back, test.written)
			}
			other := &provisioningv1.Restart{Scope: []string{"Full"}, AcknowledgeOrphans: true}
			if seen, _ := restartFromAPI(t.Context(), test.written, other); !seen.Equal(restartOf([]string{"Full"}, nil, types.BoolValue(true))) {
				t.Errorf("what was committed elsewhere is %s", seen)
			}
		})
	}
}

// TestForgets: numbers in the summary, names in the detail only, an error until it is acknowledged.
func TestForgets(t *testing.T) {
	t.Parallel()
	forgotten := &provisioningv1.Forgotten{LinkCount: 120, OrphanCount: 70}
	for range 50 {
		forgotten.Orphans = append(forgotten.Orphans, &provisioningv1.AffectedAccount{ObjectType: "user", Name: "bob", Action: "disable", Reason: "left"})
	}
	const summary = "Job wiki/main would forget 120 links and leave 70 accounts behind"
	for _, test := range []struct {
		name, detail string
		acknowledged bool
		severity     diag.Severity
		says, hides  string
	}{
		{"refused", detailNames, false, diag.SeverityError, "acknowledge_orphans = true", "everybody"},
		{"acknowledged", detailNames, true, diag.SeverityWarning, "disable — left:\n  user bob\n", "acknowledge_orphans"},
		{"the rest is counted", detailNames, true, diag.SeverityWarning, "… and 20 more", "acknowledge_orphans"},
		{"counts", detailCounts, true, diag.SeverityWarning, "forgets which account", "bob"},
		{"refused, counts", detailCounts, false, diag.SeverityError, "acknowledge_orphans = true", "bob"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			model := &ResourceModel{PreviewDetail: types.StringValue(test.detail), Restart: restartOf([]string{"Full"}, nil, types.BoolValue(test.acknowledged))}
			diags := model.forgets(t.Context(), "wiki/main", forgotten)
			if len(diags) != 1 || diags[0].Severity() != test.severity || diags[0].Summary() != summary ||
				!strings.Contains(diags[0].Detail(), test.says) || strings.Contains(diags[0].Detail(), test.hides) {
				t.Fatalf("got %+v", diags)
			}
			if diags := model.forgets(t.Context(), "wiki/main", nil); diags != nil {
				t.Fatalf("without forgotten links: %+v", diags)
			}
		})
	}
}

// TestMoves: accounts that stay at another endpoint are counted in the summary, and the old endpoint is named.
func TestMoves(t *testing.T) {
	t.Parallel()
	forgotten := &provisioningv1.Forgotten{LinkCount: 3, OrphanCount: 2, MovedFrom: "https://old.example.com/scim", Orphans: []*provisioningv1.AffectedAccount{
		{ObjectType: "user", Name: "ann", Action: "leave", Reason: "stays"}, {ObjectType: "user", Name: "bob", Action: "leave", Reason: "stays"},
	}}
	for detail, named := range map[string]bool{detailNames: true, detailCounts: false} {
		model := &ResourceModel{PreviewDetail: types.StringValue(detail), Restart: restartOf([]string{"ConnectorDataStore"}, nil, types.BoolValue(true))}
		diags := model.forgets(t.Context(), "wiki/main", forgotten)
		if len(diags) != 1 || diags[0].Severity() != diag.SeverityWarning || diags[0].Summary() != "Job wiki/main would leave 2 accounts behind at another endpoint" {
			t.Fatalf("got %+v", diags)
		}
		if text := diags[0].Detail(); !strings.Contains(text, "https://old.example.com/scim stay as they are") || strings.Contains(text, "user ann leave — stays") != named {
			t.Errorf("%s: %s", detail, text)
		}
	}
}
