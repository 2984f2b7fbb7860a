package engine

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// Steps renders how the decision came about, in the documented order (engine.md 8).
func (d Decision) Steps() []provlog.Step {
	steps := []provlog.Step{{
		Name: "EntryImport", Type: provlog.StepImport, Status: provlog.StatusSuccess,
		Description: fmt.Sprintf("%s read from the source", d.objectType),
	}}
	if d.Code == CodeImportSkipped {
		steps[0].Status, steps[0].Description = provlog.StatusSkipped, d.Reason
		return steps
	}
	scoping := provlog.Step{Name: "EntrySynchronizationScoping", Type: provlog.StepScoping, Status: provlog.StatusSuccess, Description: "in scope"}
	if d.departure != "" {
		scoping.Status, scoping.Description = provlog.StatusSkipped, d.departure
	}
	if d.entitlement.Mode != "" { // evaluated: not for objects that are gone
		scoping.Details = map[string]string{}
		for _, check := range d.entitlement.Checks() {
			scoping.Details[check.Name], _ = directory.Boolean(check.Passed).Text()
		}
	}
	steps = append(steps, scoping)
	if d.matched != nil {
		steps = append(steps, d.matchStep())
	}
	return append(steps, d.actionStep())
}

func (d Decision) matchStep() provlog.Step {
	step := provlog.Step{Name: "EntrySynchronizationMatch", Type: provlog.StepMatching, Status: provlog.StatusSuccess, Details: map[string]string{}}
	attributes := make([]string, len(d.matchValues))
	for i, value := range d.matchValues {
		attributes[i] = value.By()
	}
	step.Details["attributes"] = strings.Join(attributes, ", ")
	step.Details["found"] = strconv.Itoa(d.matched.Found)
	switch {
	case d.Action == Fail && d.matched.Found > 1, d.matched.ClaimedBy != "":
		step.Status, step.Description = provlog.StatusFailure, d.Reason
	case d.matched.Found == 1:
		step.Description = "matched by " + d.matched.Attribute
	default:
		step.Description = "no account matches"
	}
	return step
}

func (d Decision) actionStep() provlog.Step {
	step := provlog.Step{Type: provlog.StepExport, Status: provlog.StatusSuccess, Description: d.Reason}
	switch d.Action {
	case Create:
		step.Name, step.Description = "EntryExportAdd", "the account is created"
	case Update:
		names := make([]string, len(d.Changes))
		for i, change := range d.Changes {
			names[i] = change.Attribute
		}
		step.Name, step.Description = "EntryExportUpdate", "written: "+strings.Join(names, ", ")
	case Disable:
		step.Name = "EntryExportUpdate"
	case Delete:
		step.Name = "EntryExportDelete"
	case Fail:
		step.Name, step.Status = "EntrySynchronizationSkip", provlog.StatusFailure
	case Link, Skip:
		step.Name, step.Status = "EntrySynchronizationSkip", provlog.StatusSkipped
		step.Details = map[string]string{"SkipReason": d.Code}
	}
	return step
}
