package cli

import (
	"context"
	"fmt"

	"connectrpc.com/connect"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// pauseCommand withholds later cycles.
type pauseCommand struct {
	storeFlags

	JSON bool `name:"json" help:"Print the state of the job as JSON."`
}

// Help returns the long text of pause --help.
func (pauseCommand) Help() string {
	return `Later cycles are withheld until the job is started. The command waits for a cycle under way; everything the job remembers is kept. ` +
		`Terraform shows the difference to the configuration in the next plan: applying it starts the job again. To pause for good, set state = "paused".

Example:

    terraform-provider-provisioning pause --job wiki/main`
}

// Run pauses.
func (c *pauseCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Operations.PauseJob(ctx, connect.NewRequest(&provisioningv1.PauseJobRequest{Id: c.Job}))
		if err != nil {
			return err
		}
		return printChanged(streams, answer.Msg.GetStatus(), c.JSON)
	})
}

// printChanged says what the state of a job is now.
func printChanged(streams Streams, status *provisioningv1.JobStatus, asJSON bool) error {
	state := stateOf(status)
	if asJSON {
		return encode(streams.Out, state)
	}
	_, err := fmt.Fprintf(streams.Out, "job %s is %s\n", state.Job, state.State)
	return err
}
