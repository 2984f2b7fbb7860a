package ondemand

import (
	"context"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/planwalk"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/resources/engineaccess"
)

// maxNames is how many failures a diagnostic names.
const maxNames = 10

// failedSummary is the first line of what is said about those who failed.
const failedSummary = "Provisioning on demand failed for some"

// provision asks the engine, or returns false after adding an error.
func provision(ctx context.Context, walk *planwalk.Walk, request *provisioningv1.ProvisionOnDemandRequest, diags *diag.Diagnostics) (*provisioningv1.ProvisionOnDemandResponse, bool) {
	if walk == nil || !walk.Configured() {
		diags.AddError("Provider is not configured",
			"Nobody can be provisioned because the provider's configuration is not known. Apply first what it depends on.")
		return nil, false
	}
	engine, err := walk.Engine(ctx)
	if err != nil {
		diags.Append(engineaccess.Unopened(err))
		return nil, false
	}
	answer, err := engine.Operations.ProvisionOnDemand(ctx, connect.NewRequest(request))
	if err != nil {
		diags.Append(engineaccess.Failure("provision on demand with", "provisioning job", request.GetJobId(), err))
		return nil, false
	}
	return answer.Msg, true
}

// told says who failed, empty for nobody, and warns of those who would have lost access.
func told(jobID string, results []*provisioningv1.OnDemandResult) (failure string, warnings diag.Diagnostics) {
	var failed, staged []string
	for _, result := range results {
		line := fmt.Sprintf("%s %s: %s", result.GetSubject().GetObjectType(), result.GetSubject().GetId(), result.GetRecord().GetReason())
		switch {
		case result.GetResult() == "failure":
			failed = append(failed, line)
		case result.GetRecord().GetAction() == "stageddelete":
			staged = append(staged, line)
		}
	}
	if len(failed) > 0 {
		failure = fmt.Sprintf("Job %s could not provision %d of %d. Who is in the source is tried again by the next cycle.\n\n%s",
			jobID, len(failed), len(results), lines(failed))
	}
	if len(staged) > 0 {
		warnings.AddWarning("Provisioning on demand takes no access away",
			fmt.Sprintf("Job %s would disable or delete %d of %d. They are staged and wait for approval; the next plan of the job shows them.\n\n%s",
				jobID, len(staged), len(results), lines(staged)))
	}
	return failure, warnings
}

func lines(all []string) string {
	if len(all) > maxNames {
		return strings.Join(all[:maxNames], "\n") + fmt.Sprintf("\nand %d more", len(all)-maxNames)
	}
	return strings.Join(all, "\n")
}
