package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"connectrpc.com/connect"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// unfinished is the exit status of a cycle that ended and left something for people to do.
const unfinished exitStatus = 3

// runCommand runs cycles.
type runCommand struct {
	storeFlags

	All   bool `help:"Run every job of the store, one after the other, in the order of their ids."`
	Full  bool `help:"Evaluate every object, not only what changed."`
	Force bool `help:"Run a quarantined job although it is not due yet."`
	JSON  bool `name:"json" help:"Print JSON, one object for each job."`
}

// Help returns the long text of run --help.
func (runCommand) Help() string {
	return `Runs one cycle of the configuration that was applied last: reads the source, tests the connection, and creates, updates, disables and deletes ` +
		`within the limits of the job. What exceeds them is staged as a whole and the job is quarantined; staged approve carries it out. ` +
		`Failures are tried again when they are due: in the next cycle when they may pass by themselves, then 6, 12 and 24 hours after the first one, then daily.

A paused job is left alone, and so is a quarantined one that is not due. After a run a plan of an unchanged configuration is empty. ` +
		`An interrupt (SIGINT or SIGTERM) ends the cycle after what it is writing; the next one goes on there. What is done is recorded at once.

Exit status: 0 when everything was done or the job is paused, 1 when the cycle failed, 2 for a command line that is not understood, ` +
		`3 when it ended, but something failed or is held, or the job is in quarantine. With --all the worst of them.

Examples:

    terraform-provider-provisioning run --store /srv/wiki/provisioning.db --job wiki/main
    */30 * * * *  cd /srv/wiki && terraform-provider-provisioning run --all --json >> run.jsonl`
}

// Validate rejects flags that do not go together.
func (c *runCommand) Validate() error {
	if c.All && c.Job != "" {
		return errors.New("name a job or --all, not both")
	}
	return nil
}

// runJSON is the end of one run.
type runJSON struct {
	Job       string         `json:"job"`
	Withheld  bool           `json:"withheld"`
	Status    string         `json:"status,omitempty"`
	Execution *executionJSON `json:"execution,omitempty"`
	HeldCount int64          `json:"held"`
	Failures  []failureJSON  `json:"failures,omitempty"`
	Warnings  []string       `json:"warnings,omitempty"`
	Error     string         `json:"error,omitempty"`
}

type failureJSON struct {
	Type    string `json:"objectTypeName"`
	Name    string `json:"displayName"`
	Code    string `json:"errorCode"`
	Message string `json:"reason"`
}

// Run runs the cycles. A job that fails does not keep the others from running.
func (c *runCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		ids := []string{c.Job}
		if c.All {
			answer, err := engine.Client().Jobs.ListJobs(ctx, connect.NewRequest(&provisioningv1.ListJobsRequest{}))
			if err != nil {
				return err
			}
			ids = nil
			for _, status := range answer.Msg.GetJobs() {
				ids = append(ids, jobID(status))
			}
		}
		var worst exitStatus
		for _, id := range ids {
			status, err := c.one(ctx, engine, streams, id)
			if err != nil {
				return err
			}
			if worst == 0 || status == 1 {
				worst = status
			}
			if ctx.Err() != nil {
				break
			}
		}
		if worst == 0 {
			return nil
		}
		return worst
	})
}

// one runs one job and says what came of it. The error is one of output.
func (c *runCommand) one(ctx context.Context, engine *wiring.Engine, streams Streams, id string) (exitStatus, error) {
	progress := newProgress(streams)
	result, err := c.cycle(ctx, engine, id, progress)
	progress.end()
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted. What was done is recorded; the next run goes on there")
	}
	if err != nil {
		if c.JSON {
			return 1, encode(streams.Out, runJSON{Job: id, Error: told(err).Error()})
		}
		_, printErr := fmt.Fprintf(streams.Err, "%s: error: %s\n", name, told(err))
		return 1, printErr
	}
	ran := runOf(result)
	if c.JSON {
		err = encode(streams.Out, ran)
	} else {
		err = ran.print(streams)
	}
	return ran.exit(result.GetStatus().GetJob().GetState()), err
}

func (c *runCommand) cycle(ctx context.Context, engine *wiring.Engine, id string, progress *progress) (*provisioningv1.CommitResult, error) {
	stream, err := engine.Client().Operations.RunJob(ctx, connect.NewRequest(&provisioningv1.RunJobRequest{Id: id, Full: c.Full, Force: c.Force}))
	if err != nil {
		return nil, err
	}
	var result *provisioningv1.CommitResult
	for stream.Receive() {
		if reached := stream.Msg().GetProgress(); reached != nil {
			progress.show(reached)
		}
		if received := stream.Msg().GetResult(); received != nil {
			result = received
		}
	}
	err = errors.Join(stream.Err(), stream.Close())
	if err == nil && result == nil {
		err = errors.New("the engine ended the run without a result; please report this")
	}
	return result, err
}

func runOf(m *provisioningv1.CommitResult) runJSON {
	ran := runJSON{Job: jobID(m.GetStatus()), Withheld: m.GetWithheld(), Status: m.GetStatus().GetStatus(), HeldCount: m.GetHeldCount(), Warnings: m.GetWarnings()}
	if cycle := m.GetStatus().GetLastCycle(); cycle != nil && !ran.Withheld {
		ran.Execution = executionOf(cycle)
	}
	for _, failure := range m.GetFailures() {
		ran.Failures = append(ran.Failures, failureJSON{failure.GetObjectType(), failure.GetName(), failure.GetCode(), failure.GetMessage()})
	}
	return ran
}

// exit is the exit status. state is what the configuration asks of the job.
func (r runJSON) exit(state string) exitStatus {
	switch {
	case r.Withheld && state == "paused":
		return 0
	case r.Withheld, r.Status == "quarantine", r.HeldCount > 0, r.Execution != nil && r.Execution.Failed > 0:
		return unfinished
	default:
		return 0
	}
}

func (r runJSON) print(streams Streams) error {
	var problems []error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(streams.Err, format, args...)
		problems = append(problems, err)
	}
	for _, warning := range r.Warnings {
		say("warning: %s\n", warning)
	}
	for _, failure := range r.Failures {
		say("failed: %s %s: %s: %s\n", failure.Type, oneLine(failure.Name), failure.Code, oneLine(failure.Message))
	}
	if r.HeldCount > 0 {
		say("held: %d; see staged list\n", r.HeldCount)
	}
	if r.Execution != nil {
		_, err := fmt.Fprintf(streams.Out, "%s: %s\n", r.Job, r.Execution.summary())
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// progress shows how far a cycle is: a bar on a terminal, otherwise a line at the end of each phase.
type progress struct {
	streams Streams
	bar     *progressbar.ProgressBar
	last    *provisioningv1.Progress
	bars    bool
}

func newProgress(streams Streams) *progress {
	file, isFile := streams.Err.(*os.File)
	return &progress{streams: streams, bars: isFile && term.IsTerminal(int(file.Fd()))}
}

// show takes over how far the cycle is. What cannot be shown is not worth ending a cycle for.
func (p *progress) show(reached *provisioningv1.Progress) {
	if p.last.GetPhase() != reached.GetPhase() {
		p.end()
		if p.bars {
			p.bar = progressbar.NewOptions64(max(reached.GetTotal(), 1), progressbar.OptionSetWriter(p.streams.Err), progressbar.OptionSetDescription(reached.GetPhase()),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetPredictTime(true), progressbar.OptionClearOnFinish())
		}
	}
	p.last = reached
	if p.bar != nil {
		p.bar.ChangeMax64(max(reached.GetTotal(), 1))
		_ = p.bar.Set64(reached.GetDone())
	}
}

// end ends the phase that was shown last.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		p.bar = nil
	}
	if p.last != nil && (p.last.GetDone() > 0 || p.last.GetTotal() > 0) {
		_, _ = fmt.Fprintf(p.streams.Err, "%s: %d of %d\n", p.last.GetPhase(), p.last.GetDone(), p.last.GetTotal())
	}
	p.last = nil
}
