package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// driftCommand lists what somebody changed in the target.
type driftCommand struct {
	storeFlags

	JSON bool `name:"json" help:"Print one JSON object instead of text."`
}

// Help returns the long text of drift --help.
func (driftCommand) Help() string {
	return `It shows what the last plan, apply or run found and asks nobody: accounts that are gone, that were switched on or off, or ` +
		`whose values are not those that were written, and groups whose members were changed. A job looks for them when its drift is "report" or "repair". An account that ` +
		`the job has let go, because its person left the scope, is shown when it was switched on again; it is never repaired.`
}

// driftReportJSON is the answer as JSON.
type driftReportJSON struct {
	Mode     string      `json:"mode"`
	Checked  string      `json:"checkedDateTime,omitempty"`
	Compared int64       `json:"comparedCount"`
	Problem  string      `json:"problem,omitempty"`
	Drift    []driftJSON `json:"drift"`
}

// driftJSON is one account, with the names of links and of the provisioning log.
type driftJSON struct {
	Type    string            `json:"objectTypeName"`
	Source  string            `json:"sourceAnchor"`
	Target  string            `json:"targetAnchor"`
	Name    string            `json:"displayName"`
	Kind    string            `json:"kind"`
	Managed bool              `json:"managed"`
	Since   string            `json:"sinceDateTime"`
	Changes []driftChangeJSON `json:"modifiedProperties,omitempty"`
}

type driftChangeJSON struct {
	Attribute string `json:"displayName"`
	Written   string `json:"oldValue"`
	Observed  string `json:"newValue"`
}

func driftOf(m *provisioningv1.Drift) driftJSON {
	d := driftJSON{
		Type: m.GetObjectType(), Source: m.GetSourceId(), Target: m.GetTargetId(), Name: m.GetName(), Kind: m.GetKind(), Managed: m.GetManaged(),
		Since: provlog.FormatTime(m.GetSince().AsTime()),
	}
	for _, change := range m.GetChanges() {
		d.Changes = append(d.Changes, driftChangeJSON{change.GetDisplayName(), change.GetOldValue(), change.GetNewValue()})
	}
	return d
}

// text is one change in one line. Members are lists of names.
func (c driftChangeJSON) text(objectType string) string {
	switch {
	case objectType != "group" || c.Attribute != "members":
		return fmt.Sprintf("%s: %q, was %q", c.Attribute, c.Observed, c.Written)
	case c.Observed == "":
		return "members removed: " + c.Written
	default:
		return "members added: " + c.Observed
	}
}

// Run lists drift, sorted by type and source id.
func (c *driftCommand) Run(ctx context.Context, build Build, streams Streams) error {
	request := &provisioningv1.ListDriftRequest{JobId: c.Job, PageSize: 1000}
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		report := driftReportJSON{Drift: []driftJSON{}}
		err := eachPage(func(token string) (string, error) {
			request.PageToken = token
			answer, err := engine.Client().Operations.ListDrift(ctx, connect.NewRequest(request))
			if err != nil {
				return "", err
			}
			m := answer.Msg
			report.Mode, report.Compared, report.Problem = m.GetMode(), m.GetComparedCount(), m.GetProblem()
			if m.GetCheckedAt() != nil {
				report.Checked = provlog.FormatTime(m.GetCheckedAt().AsTime())
			}
			for _, drift := range m.GetDrift() {
				report.Drift = append(report.Drift, driftOf(drift))
			}
			return m.GetNextPageToken(), nil
		})
		switch {
		case err != nil:
			return err
		case c.JSON:
			encoder := json.NewEncoder(streams.Out)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			return encoder.Encode(report)
		}
		return report.write(streams)
	})
}

func (r driftReportJSON) write(streams Streams) error {
	out := table{to: streams.Out}
	var rows [][]string
	if len(r.Drift) > 0 {
		rows = append(rows, []string{"TYPE", "NAME", "DRIFT", "MANAGED", "SINCE", "WHAT"})
	}
	for _, drift := range r.Drift {
		var changes []string
		for _, change := range drift.Changes {
			changes = append(changes, change.text(drift.Type))
		}
		rows = append(rows, []string{drift.Type, drift.Name, drift.Kind, yesNo(drift.Managed), drift.Since, strings.Join(changes, "; ")})
	}
	if err := out.rows(rows...); err != nil {
		return err
	}
	text := fmt.Sprintf("drift: %d of %d accounts; mode %s", len(r.Drift), r.Compared, r.Mode)
	switch {
	case r.Checked == "":
		text += "; the target was never compared"
	case r.Problem != "":
		text += "; not compared at " + r.Checked + ": " + oneLine(r.Problem)
	default:
		text += "; compared at " + r.Checked
	}
	_, err := fmt.Fprintln(streams.Err, text)
	return err
}
