package job_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// destroyImpact checks how many accounts the destruction in a plan disables: that is in the state before, where policies read it.
type destroyImpact struct{ disabled int64 }

// CheckPlan implements plancheck.PlanCheck.
func (d destroyImpact) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != address {
			continue
		}
		before, _ := change.Change.Before.(map[string]any)
		impact, _ := before["destroy_impact"].(map[string]any)
		number, _ := impact["disable_count"].(json.Number)
		if number.String() != fmt.Sprint(d.disabled) {
			resp.Error = fmt.Errorf("destroy_impact has %v disables, want %d", impact["disable_count"], d.disabled)
		}
		return
	}
	resp.Error = fmt.Errorf("the plan does not have %s", address)
}
