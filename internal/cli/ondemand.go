package cli

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// onDemandCommand provisions chosen people at once.
type onDemandCommand struct {
	storeFlags

	User   []string `arg:"" help:"Source ids, or values of the first matching attribute, such as ann@example.com."`
	Type   string   `placeholder:"TYPE" default:"user" help:"user or group. Default: ${default}."`
	DryRun bool     `name:"dry-run" help:"Ask the application, say what would be done, and change nothing."`
	JSON   bool     `name:"json" help:"Print JSON."`
}

// Help returns the long text of provision-on-demand --help.
func (onDemandCommand) Help() string {
	return `Reads the source, tests the connection, and takes each person through the steps of a cycle: import, scope, match, action; then ` +
		`references and memberships, as far as both ends have accounts. There is no limit to how many people or members are taken. ` +
		`A group brings all of its members that have accounts; a person joins all of their groups that have been provisioned.

Nobody loses access: a disable or delete is staged and waits for approval, and nobody is removed from a group. A dry run asks the ` +
		`application for the account but writes nothing, stores nothing and logs nothing; what it says is what a cycle would do. ` +
		`Both work on a paused job and on one in quarantine, and leave the job as it is. While a cycle or an apply works on the job, only a dry run does.

Exit status: 0 when everybody was provisioned or skipped, 1 when somebody failed or the command did, 2 for a command line that is not understood.

Examples:

    terraform-provider-provisioning provision-on-demand ann@example.com --dry-run
    terraform-provider-provisioning provision-on-demand ann@example.com bob@example.com --job wiki/main
    terraform-provider-provisioning provision-on-demand Engineering --type group --json | jq -r '.results[] | .record.reason'`
}

// Run provisions.
func (c *onDemandCommand) Run(ctx context.Context, build Build, streams Streams) error {
	request := &provisioningv1.ProvisionOnDemandRequest{JobId: c.Job, DryRun: c.DryRun}
	for _, user := range c.User {
		request.Subjects = append(request.Subjects, &provisioningv1.Subject{ObjectType: c.Type, Id: user})
	}
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Operations.ProvisionOnDemand(ctx, connect.NewRequest(request))
		if err != nil {
			return err
		}
		if c.JSON {
			err = writeMessage(streams.Out, answer.Msg)
		} else {
			p := &pages{to: streams.Out}
			for i, result := range answer.Msg.GetResults() {
				if i > 0 {
					p.line("")
				}
				p.result(result, c.DryRun)
			}
			err = p.err
		}
		if err != nil {
			return err
		}
		return failures(answer.Msg.GetResults())
	})
}

// failures is an error when somebody failed. It names nobody: the output does.
func failures(results []*provisioningv1.OnDemandResult) error {
	failed := 0
	for _, result := range results {
		if result.GetResult() == string(provlog.StatusFailure) {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d failed", failed, len(results))
}

// result prints the steps of one subject.
func (p *pages) result(result *provisioningv1.OnDemandResult, dry bool) {
	record := result.GetRecord()
	headline := fmt.Sprintf("%s %s: %s", result.GetSubject().GetObjectType(), oneLine(result.GetSubject().GetId()), result.GetResult())
	if dry {
		headline += " (dry run)"
	}
	p.line("%s", headline)
	var rows [][]string
	for _, step := range record.GetSteps() {
		rows = append(rows, []string{stepName(step), step.GetStatus(), step.GetDescription()})
	}
	p.indented("  ", rows...)
	p.indented("    ", changeRows(record.GetModified())...)
	if record.GetTargetId() != "" {
		p.line("  account  %s", oneLine(record.GetTargetId()))
	}
	if record.GetReason() != "" && result.GetResult() != string(provlog.StatusSuccess) {
		p.line("  reason   %s", oneLine(record.GetReason()))
	}
	if record.GetRecommendedAction() != "" && result.GetResult() == string(provlog.StatusFailure) {
		p.line("  to do    %s", oneLine(record.GetRecommendedAction()))
	}
}

// stepName is the name of a step for people (engine.md 19).
func stepName(step *provisioningv1.LogStep) string {
	switch provlog.StepType(step.GetType()) {
	case provlog.StepImport:
		return "import"
	case provlog.StepScoping:
		return "scope"
	case provlog.StepMatching:
		return "match"
	case provlog.StepExport:
		return "action"
	case provlog.StepReferenceResolution:
		return "reference"
	default:
		return "test"
	}
}
