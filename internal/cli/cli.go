package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// Build says what this binary was built from.
type Build struct{ Version, Commit string }

// Streams are where commands read and write. In may be nil: then it is the standard input of the process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

const name = "terraform-provider-provisioning"

const description = `Terraform provider with its own identity provisioning engine.

Terraform and OpenTofu start this program by themselves; there is no need to run it by hand. To use a build of your ` +
	`own, name its directory under dev_overrides in the CLI configuration. Started with -debug it serves the provider to ` +
	`a debugger and prints the TF_REATTACH_PROVIDERS to use.`

// grammar lists the subcommands.
type grammar struct {
	Version      versionCommand      `cmd:"" help:"Print version, commit, Go version and platform."`
	Eval         evalCommand         `cmd:"" help:"Evaluate a mapping expression and print its value."`
	ImportSchema importSchemaCommand `cmd:"" help:"Turn a synchronization schema of Microsoft Entra into Terraform configuration."`
	Templates    templatesCommand    `cmd:"" help:"List and show app templates: what is known about products with SCIM."`
	ExportSchema exportSchemaCommand `cmd:"" help:"Turn Terraform configuration or state into a synchronization schema of Microsoft Entra."`
	Logs         logsCommand         `cmd:"" help:"Print the provisioning log of a job: what was done to whom, and why."`
	Links        linksCommand        `cmd:"" help:"List, show and delete links between people and accounts."`
	Drift        driftCommand        `cmd:"" help:"List accounts that somebody changed in the target."`
	Connection   connectionCommand   `cmd:"" help:"Test connections, and see or forget what is known of their targets."`
	Doctor       doctorCommand       `cmd:"" help:"Find out what works and what does not, from the store to the target, and what to do."`
	Jobs         jobsCommand         `cmd:"" help:"List the jobs of a store with their state."`
	Status       statusCommand       `cmd:"" help:"Print the state of a job: quarantine, last cycle, and what waits."`
	Start        startCommand        `cmd:"" help:"Let a paused or quarantined job go on where it stopped."`
	Pause        pauseCommand        `cmd:"" help:"Withhold later cycles of a job."`
	Restart      restartCommand      `cmd:"" help:"Make a job forget parts of what it remembers."`
	RunCycle     runCommand          `cmd:"" name:"run" help:"Run one cycle without Terraform, for example from cron."`
	Preview      previewCommand      `cmd:"" help:"Say who would lose access if the configuration, or a saved plan, was applied."`
	Staged       stagedCommand       `cmd:"" help:"List, approve and reject disables and deletes that wait for approval."`
	Explain      explainCommand      `cmd:"" help:"Say why somebody is or is not provisioned, from what the engine remembers."`
	OnDemand     onDemandCommand     `cmd:"" name:"provision-on-demand" help:"Provision chosen people at once, or say what would be done."`
}

// Run runs one command line and returns the exit status: 0 for success, 1 for a failed command, 2 for a command
// line that is not understood, 3 for a cycle that ended with something left to do and for a preview with something to look at.
func Run(ctx context.Context, args []string, build Build, streams Streams) int {
	if streams.In == nil {
		streams.In = os.Stdin
	}
	// kong answers --help by itself and then means to leave the process; here it may only say so.
	answered := false
	parser, err := kong.New(&grammar{},
		kong.Name(name), kong.Description(description),
		kong.Writers(streams.Out, streams.Err),
		kong.Exit(func(int) { answered = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(build, streams), kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		_, _ = io.WriteString(streams.Err, err.Error()+"\n")
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if answered {
		return 0
	}
	if err != nil {
		parser.Errorf("%s; see %s --help", err, meant(err))
		return 2
	}
	if err := command.Run(); err != nil {
		if status, said := errors.AsType[exitStatus](err); said {
			return int(status)
		}
		// kong would indent the lines after the first, which show the place in an expression.
		_, _ = fmt.Fprintf(streams.Err, "%s: error: %s\n", name, err)
		return 1
	}
	return 0
}

// meant is the command whose help says more about a command line that is not understood.
func meant(err error) string {
	if parsed, ok := errors.AsType[*kong.ParseError](err); ok && parsed.Context != nil && parsed.Context.Selected() != nil {
		return parsed.Context.Selected().FullPath()
	}
	return name
}

// exitStatus ends a command that has said already what there is to say.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
