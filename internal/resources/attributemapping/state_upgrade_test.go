package attributemapping_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"google.golang.org/protobuf/proto"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/acctest"
)

// stateOfVersion0 was written by the last provider before presets, flow behaviours and null flow.
const stateOfVersion0 = `{
  "actions": ["create", "delete", "update"], "app_id": "wiki", "enabled": true, "id": "wiki/user", "object_type": "user", "timeouts": null,
  "attributes": {
    "active": {"default_value": null, "expression": "[IsSoftDeleted]", "flow_type": "Always", "matching_precedence": null},
    "displayName": {"default_value": "(no name)", "expression": "[displayName]", "flow_type": "ObjectAddOnly", "matching_precedence": null},
    "userName": {"default_value": null, "expression": "[userPrincipalName]", "flow_type": "Always", "matching_precedence": 1}
  }
}`

// The state of an earlier provider is planned without a change, refreshed or not, and what is in the engine stays as it is.
func TestStateOfVersion0PlansNothing(t *testing.T) {
	t.Parallel()
	fake := acctest.NewFake()
	displayName := attribute("displayName", "[displayName]", 0)
	displayName.DefaultValue, displayName.FlowType = proto.String("(no name)"), "ObjectAddOnly"
	acctest.On(fake.Client()).Put(t, mapping([]string{"create", "delete", "update"},
		attribute("active", "[IsSoftDeleted]", 0), displayName, attribute("userName", "[userPrincipalName]", 1)))

	server, kind := newServer(t, fake.Client())
	upgraded, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: resourceType, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(stateOfVersion0)},
	})
	if err != nil || len(upgraded.Diagnostics) > 0 {
		t.Fatal(err, upgraded.Diagnostics)
	}
	refreshed, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: resourceType, CurrentState: upgraded.UpgradedState})
	if err != nil || len(refreshed.Diagnostics) > 0 {
		t.Fatal(err, refreshed.Diagnostics)
	}
	config := values{"app_id": "wiki", "object_type": "user", "attributes": values{
		"active": values{"expression": "[IsSoftDeleted]"}, "userName": userName,
		"displayName": values{"expression": "[displayName]", "default_value": "(no name)", "flow_type": "ObjectAddOnly"},
	}}
	configured := wire(t, kind, value(kind, config))
	proposed := wire(t, kind, value(kind, and(config, values{"id": "wiki/user"})))
	for name, prior := range map[string]*tfprotov6.DynamicValue{"without a refresh": upgraded.UpgradedState, "refreshed": refreshed.NewState} {
		planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
			TypeName: resourceType, Config: configured, PriorState: prior, ProposedNewState: proposed,
		})
		if err != nil || len(planned.Diagnostics) > 0 {
			t.Fatal(err, planned.Diagnostics)
		}
		if got, want := unwire(t, kind, planned.PlannedState), unwire(t, kind, prior); !got.Equal(want) {
			t.Errorf("%s: planned %s, want %s", name, got, want)
		}
	}
}
