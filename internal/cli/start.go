package cli

import (
	"context"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// startCommand lets a job go on.
type startCommand struct {
	storeFlags

	JSON bool `name:"json" help:"Print the state of the job as JSON."`
}

// Help returns the long text of start --help.
func (startCommand) Help() string {
	return `A paused job goes on where it stopped; the quarantine of a quarantined one is lifted. Nobody is contacted: the next cycle, by apply or ` +
		`run, does the work. Starting a job that runs is a success. Terraform shows a state that the configuration does not have as drift.

Example:

    terraform-provider-provisioning start --job wiki/main`
}

// Run starts.
func (c *startCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Operations.StartJob(ctx, connect.NewRequest(&provisioningv1.StartJobRequest{Id: c.Job}))
		if err != nil {
			return err
		}
		return printChanged(streams, answer.Msg.GetStatus(), c.JSON)
	})
}
