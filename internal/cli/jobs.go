package cli

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// jobsCommand lists the jobs of a store.
type jobsCommand struct {
	storeFlags

	JSON bool `name:"json" help:"Print JSON, one object a line, as status --json does."`
}

// Help returns the long text of jobs --help.
func (jobsCommand) Help() string {
	return `Lists all jobs, sorted by id, or the one of --job. It contacts neither sources nor applications.

Examples:

    terraform-provider-provisioning jobs
    terraform-provider-provisioning jobs --json | jq -r 'select(.status == "quarantine") | .job'`
}

// Run lists the jobs.
func (c *jobsCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Jobs.ListJobs(ctx, connect.NewRequest(&provisioningv1.ListJobsRequest{}))
		if err != nil {
			return err
		}
		var rows [][]string
		for _, status := range answer.Msg.GetJobs() {
			state := stateOf(status)
			if c.Job != "" && c.Job != state.Job {
				continue
			}
			if c.JSON {
				if err := encode(streams.Out, state); err != nil {
					return err
				}
				continue
			}
			if rows == nil {
				rows = append(rows, []string{"JOB", "STATUS", "ACCOUNTS", "FAILED", "STAGED", "LAST CYCLE"})
			}
			last := "-"
			if state.LastExecution != nil {
				last = state.LastExecution.State + " " + state.LastExecution.TimeEnded
			}
			rows = append(rows, []string{state.Job, state.Status, fmt.Sprint(state.Managed), fmt.Sprint(state.Escrows), fmt.Sprint(state.Staged), last})
		}
		return (&table{to: streams.Out}).rows(rows...)
	})
}
