package cli

import (
	"context"
	"io"

	"github.com/alecthomas/kong"
)

// Build says what this binary was built from.
type Build struct{ Version, Commit string }

// Streams are where commands write.
type Streams struct{ Out, Err io.Writer }

const name = "terraform-provider-provisioning"

const description = `Terraform provider with its own identity provisioning engine.

Terraform and OpenTofu start this program by themselves; there is no need to run it by hand. To use a build of your ` +
	`own, name its directory under dev_overrides in the CLI configuration. Started with -debug it serves the provider to ` +
	`a debugger and prints the TF_REATTACH_PROVIDERS to use.`

// grammar lists the subcommands.
type grammar struct {
	Version versionCommand `cmd:"" help:"Print version, commit, Go version and platform."`
}

// Run runs one command line and returns the exit status: 0 for success, 1 for a failed command, 2 for a command
// line that is not understood.
func Run(ctx context.Context, args []string, build Build, streams Streams) int {
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
		parser.Errorf("%s; see %s --help", err, name)
		return 2
	}
	if err := command.Run(); err != nil {
		parser.Errorf("%s", err)
		return 1
	}
	return 0
}
