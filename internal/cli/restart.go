package cli

import (
	"context"
	"fmt"
	"io"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// restartCommand makes a job forget.
type restartCommand struct {
	storeFlags

	Scope              []string `placeholder:"SCOPE" help:"What is reset, separated by commas; see below. Default: QuarantineState,Watermark,Escrows."`
	AcknowledgeOrphans bool     `name:"acknowledge-orphans" help:"Forget links although accounts may be left behind that nobody disables any more."`
	DryRun             bool     `name:"dry-run" help:"Say what would be forgotten, and forget nothing."`
	JSON               bool     `name:"json" help:"Print JSON."`
}

// Help returns the long text of restart --help.
func (restartCommand) Help() string {
	return `A restart wipes nothing in the application. It makes the job forget, so that the next cycle, by apply or run, looks again:

    Watermark           every object is evaluated again, not only what changed
    Escrows             stored failures are forgotten; a quarantine that lasts counts from now
    QuarantineState     quarantine is lifted
    ForceDeletes        everything that is staged is approved: the next cycle disables and deletes it, whatever the limits
    ConnectorDataStore  links between people and accounts are forgotten, and every object is evaluated again
    Full                all of Watermark, Escrows, QuarantineState and ConnectorDataStore
    None                nothing is forgotten; a paused or quarantined job is started

Links survive everything but ConnectorDataStore and Full. These two need --acknowledge-orphans: accounts of people who are out of scope or ` +
		`gone are not found again, and nobody would disable them any more. A dry run names them, as of the last time the source was read. ` +
		`People in scope are found again by their matching attributes. The command waits for a cycle under way.

Examples:

    terraform-provider-provisioning restart --job wiki/main
    terraform-provider-provisioning restart --scope Watermark,Escrows
    terraform-provider-provisioning restart --scope Full --dry-run`
}

// restartJSON is the answer.
type restartJSON struct {
	DryRun         bool         `json:"dryRun"`
	ForgottenLinks int64        `json:"forgottenLinks"`
	OrphanCount    int64        `json:"orphanCount"`
	Orphans        []orphanJSON `json:"orphans"`
	State          stateJSON    `json:"state"`
}

type orphanJSON struct {
	Type   string `json:"objectTypeName"`
	Name   string `json:"displayName"`
	Action string `json:"action"`
	Reason string `json:"reason"`
}

// Run restarts.
func (c *restartCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Operations.RestartJob(ctx, connect.NewRequest(&provisioningv1.RestartJobRequest{
			Id: c.Job, Scope: c.Scope, AcknowledgeOrphans: c.AcknowledgeOrphans, DryRun: c.DryRun,
		}))
		if err != nil {
			return err
		}
		m := answer.Msg
		restarted := restartJSON{
			DryRun: c.DryRun, ForgottenLinks: m.GetForgottenLinkCount(), OrphanCount: m.GetOrphanCount(), Orphans: []orphanJSON{}, State: stateOf(m.GetStatus()),
		}
		for _, orphan := range m.GetOrphans() {
			restarted.Orphans = append(restarted.Orphans, orphanJSON{orphan.GetObjectType(), orphan.GetName(), orphan.GetAction(), orphan.GetReason()})
		}
		if c.JSON {
			return encode(streams.Out, restarted)
		}
		return restarted.print(streams.Out)
	})
}

func (r restartJSON) print(to io.Writer) error {
	said, would := "restarted "+r.State.Job, ""
	if r.DryRun {
		said, would = "would restart "+r.State.Job, "would be "
	}
	if _, err := fmt.Fprintf(to, "%s\nlinks %sforgotten: %d\naccounts %sleft behind: %d\n", said, would, r.ForgottenLinks, would, r.OrphanCount); err != nil {
		return err
	}
	var rows [][]string
	for _, orphan := range r.Orphans {
		rows = append(rows, []string{"  " + orphan.Type, orphan.Name, orphan.Action, orphan.Reason})
	}
	if err := (&table{to: to}).rows(rows...); err != nil {
		return err
	}
	if more := r.OrphanCount - int64(len(r.Orphans)); more > 0 {
		_, err := fmt.Fprintf(to, "  … and %d more\n", more)
		return err
	}
	return nil
}
