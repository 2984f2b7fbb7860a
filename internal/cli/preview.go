package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// alarming is the exit status of preview --exit-code when there is something to look at.
const alarming exitStatus = 3

// previewCommand says what an apply would do to accounts.
type previewCommand struct {
	storeFlags

	Plan     string `placeholder:"FILE" help:"Read the output of terraform show -json for a saved plan instead of a store; - for standard input."`
	All      bool   `help:"Name every account instead of the first 50 of a job."`
	Counts   bool   `help:"Name nobody: counts and reasons' kinds only, as preview_detail = \"counts\" does."`
	JSON     bool   `name:"json" help:"Print JSON."`
	Markdown bool   `help:"Print a comment for a pull request or merge request."`
	Diff     string `placeholder:"FILE" help:"Compare with what an earlier preview --json said."`
	ExitCode bool   `name:"exit-code" help:"End with status 3 when access would be taken away, that is not known, or a limit is exceeded."`
}

// Help returns the long text of preview --help.
func (previewCommand) Help() string {
	return `Without --plan: what applying the committed configuration would do now. The source is read, and the application only if the job looks for drift. ` +
		`Nothing is written to either. Without --job it is every job of the store.

With --plan: what a saved plan would do. Neither a store nor an engine is needed, and nothing is contacted. Warnings are not part of a plan file, so they are ` +
		`not shown. A plan that failed says nothing about accounts: the output says so, and the status is 1.

Names are shown as far as the plan holds them (preview_detail); of a store always, unless --counts is given.

--json prints format_version 1: errored, partial, and jobs, sorted by id, each with job, address (plan), action (none, create, update, replace, destroy, forget), known, ` +
		`managed_account_count, planned_impact and planned_changes with the names of the resource's attributes, destroy_impact, held_count, limit_violations, forgotten and warnings. ` +
		`What is not known is absent, and known is false. Fields may be added; a meaning never changes. Equal inputs have equal outputs.

--markdown starts with <!-- provisioning-preview -->, so that a pipeline can replace its earlier comment, and has at most 60,000 characters. Names cannot ` +
		`inject anything into it. --diff names accounts only if both sides name all of theirs: use --all for both.

Exit status: 0, 1 when there is no preview, 2 for a command line that is not understood, 3 with --exit-code as said there.

Examples:

    terraform-provider-provisioning preview --job wiki/main
    terraform show -json plan.out | terraform-provider-provisioning preview --plan - --markdown
    terraform-provider-provisioning preview --all --json > before.json
    terraform-provider-provisioning preview --all --diff before.json`
}

// Validate rejects flags that do not go together.
func (c *previewCommand) Validate() error {
	switch {
	case c.JSON && c.Markdown:
		return errors.New("--json or --markdown, not both")
	case c.Plan != "" && c.All:
		return errors.New("--all does not go with --plan: a plan names the first 50 accounts of a job and no more. preview --all of the store names all")
	case c.Plan != "" && c.Job != "":
		return errors.New("--job does not go with --plan: it shows every job of the plan")
	case c.Plan == "-" && c.Diff == "-":
		return errors.New("--plan and --diff cannot both be standard input")
	default:
		return nil
	}
}

// Run prints the preview.
func (c *previewCommand) Run(ctx context.Context, build Build, streams Streams) error {
	var earlier *previewReport
	if c.Diff != "" {
		earlier = &previewReport{}
		if err := c.read(c.Diff, streams, func(r io.Reader) (err error) { *earlier, err = readPreview(r); return err }); err != nil {
			return err
		}
	}
	var report previewReport
	var err error
	if c.Plan != "" {
		err = c.read(c.Plan, streams, func(r io.Reader) (err error) { report, err = readPlan(r); return err })
	} else {
		err = c.with(ctx, build, func(engine *wiring.Engine) (err error) { report, err = c.fromStore(ctx, engine); return err })
	}
	if err != nil {
		return err
	}
	if c.Counts {
		report.withoutNames()
	}
	if err := c.print(streams.Out, report, earlier); err != nil {
		return err
	}
	switch {
	case report.Errored:
		return errors.New("planning failed, so the plan says nothing about accounts. See what terraform plan says")
	case c.ExitCode && report.noteworthy():
		return alarming
	default:
		return nil
	}
}

// read lets use read a file or the standard input.
func (c *previewCommand) read(path string, streams Streams, use func(io.Reader) error) (err error) {
	if path == "-" {
		return use(streams.In)
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := use(file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (c *previewCommand) print(to io.Writer, report previewReport, earlier *previewReport) error {
	switch {
	case earlier != nil && report.Errored, earlier == nil:
	case c.JSON:
		return indented(to, differ(*earlier, report))
	case c.Markdown:
		_, err := io.WriteString(to, differ(*earlier, report).markdown())
		return err
	default:
		return differ(*earlier, report).print(to)
	}
	switch {
	case c.JSON:
		return indented(to, report)
	case c.Markdown:
		_, err := io.WriteString(to, report.markdown())
		return err
	default:
		return report.print(to)
	}
}

func indented(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
