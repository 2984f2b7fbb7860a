package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"golang.org/x/term"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// doctorCommand finds out what works.
type doctorCommand struct {
	Store      string `placeholder:"FILE" env:"PROVISIONING_STORE" help:"The store of the engine, as in the provider block (${env}). Default: provisioning.db."`
	KeyFile    string `name:"key-file" placeholder:"FILE" env:"PROVISIONING_STORE_KEY_FILE" help:"The key that seals secrets in the store (${env}). Default: the store's path with .key appended."`
	Connection string `placeholder:"APP/NAME" help:"Look at this connection only."`
	Job        string `placeholder:"APP/NAME" help:"Look at this job, its source and its connection only."`
	JSON       bool   `name:"json" help:"Print JSON: one object with the checks and how many there are of each outcome."`
}

// Help returns the long text of doctor --help.
func (doctorCommand) Help() string {
	return `Tries, step by step, everything that provisioning needs: the store and its key, the sources, each connection (name, network, ` +
		`certificate, credentials, the connection test, what the target says about itself, whether it knows what is mapped, clocks, rate), ` +
		`and the jobs. Connections are those that were applied last, whether or not a job uses them yet. It changes nothing but what is ` +
		`remembered of targets, and looks for nobody who exists.

Outcomes: pass; warn, which works and deserves a look; fail; skip, which could not be tried, most often because something before it ` +
		`failed. What to do stands below the check.

Exit status: 0 when nothing failed, 1 when something did, 2 for a command line that is not understood.

Examples:

    terraform-provider-provisioning doctor --store /srv/wiki/provisioning.db
    terraform-provider-provisioning doctor --connection wiki/scim
    terraform-provider-provisioning doctor --json | jq -r '.checks[] | select(.outcome == "fail") | .advice'`
}

// checkJSON is one finding.
type checkJSON struct {
	Target  string `json:"target"`
	Probe   string `json:"probe"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail"`
	Advice  string `json:"advice,omitempty"`
}

// examination is everything that was found, and how much of it.
type examination struct {
	Checks  []checkJSON    `json:"checks"`
	Summary map[string]int `json:"summary"`
}

func (e *examination) add(check checkJSON) {
	e.Checks = append(e.Checks, check)
	e.Summary[check.Outcome]++
}

// Run examines and says what was found.
func (c *doctorCommand) Run(ctx context.Context, build Build, streams Streams) error {
	found := &examination{Checks: []checkJSON{}, Summary: map[string]int{"pass": 0, "warn": 0, "fail": 0, "skip": 0}}
	if err := c.examine(ctx, build, streams, found); err != nil {
		return err
	}
	found.sort()
	var err error
	if c.JSON {
		err = encode(streams.Out, found)
	} else {
		err = found.print(streams)
	}
	if err == nil && found.Summary["fail"] > 0 {
		return exitStatus(1)
	}
	return err
}

func (c *doctorCommand) examine(ctx context.Context, build Build, streams Streams, found *examination) (err error) {
	flags := storeFlags{Store: c.Store, KeyFile: c.KeyFile}
	engine, err := flags.open(ctx, build)
	if err != nil {
		// A store that cannot be opened is what a doctor is asked about.
		found.add(checkJSON{Target: "store", Probe: "open", Outcome: "fail", Detail: err.Error(),
			Advice: "Name the store with --store or PROVISIONING_STORE and its key with --key-file, PROVISIONING_STORE_KEY_FILE or PROVISIONING_STORE_KEY, as the provider block does."})
		found.add(checkJSON{Target: "store", Probe: "everything else", Outcome: "skip", Detail: "open failed"})
		return nil
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	found.add(checkJSON{Target: "store", Probe: "open", Outcome: "pass", Detail: "the store and its key are there"})
	return told(c.ask(ctx, engine, newTicker(streams), found))
}

func (c *doctorCommand) ask(ctx context.Context, engine *wiring.Engine, tick *ticker, found *examination) error {
	stream, err := engine.Client().Connections.CheckUp(ctx, connect.NewRequest(&provisioningv1.CheckUpRequest{ConnectionId: c.Connection, JobId: c.Job}))
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	for stream.Receive() {
		check := stream.Msg().GetCheck()
		found.add(checkJSON{Target: check.GetTarget(), Probe: check.GetProbe(), Outcome: check.GetOutcome(), Detail: check.GetDetail(), Advice: check.GetAdvice()})
		tick.show(fmt.Sprintf("%d checks, last: %s %s", len(found.Checks), check.GetTarget(), check.GetProbe()))
	}
	tick.clear()
	return stream.Err()
}

// sort brings targets into one order: the store, sources, connections, jobs, each by name. Checks of one target stay in theirs.
func (e *examination) sort() {
	rank := func(target string) int {
		kind, _, _ := strings.Cut(target, " ")
		return slices.Index([]string{"store", "source", "connection", "job"}, kind)
	}
	slices.SortStableFunc(e.Checks, func(a, b checkJSON) int {
		if byKind := rank(a.Target) - rank(b.Target); byKind != 0 {
			return byKind
		}
		return strings.Compare(a.Target, b.Target)
	})
}

// print writes one paragraph for each target.
func (e *examination) print(streams Streams) error {
	width := 0
	for _, check := range e.Checks {
		width = max(width, len([]rune(check.Probe)))
	}
	var b strings.Builder
	for i, check := range e.Checks {
		if i == 0 || check.Target != e.Checks[i-1].Target {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString(oneLine(check.Target) + "\n")
		}
		fmt.Fprintf(&b, "  %-4s  %-*s  %s\n", check.Outcome, width, oneLine(check.Probe), oneLine(check.Detail))
		if check.Advice != "" {
			fmt.Fprintf(&b, "        %-*s  → %s\n", width, "", oneLine(check.Advice))
		}
	}
	if _, err := io.WriteString(streams.Out, b.String()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(streams.Err, "checks: %d passed, %d warnings, %d failed, %d skipped\n", e.Summary["pass"], e.Summary["warn"], e.Summary["fail"], e.Summary["skip"])
	return err
}

// ticker shows on a terminal that something is going on; elsewhere it is silent.
type ticker struct {
	to    io.Writer
	width int
}

func newTicker(streams Streams) *ticker {
	if file, ok := streams.Err.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return &ticker{to: file}
	}
	return &ticker{}
}

func (t *ticker) show(text string) {
	if t.to == nil {
		return
	}
	const most = 78
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	_, _ = fmt.Fprintf(t.to, "\r%-*s", t.width, oneLine(text))
	t.width = len([]rune(text))
}

func (t *ticker) clear() {
	if t.to != nil && t.width > 0 {
		_, _ = fmt.Fprintf(t.to, "\r%*s\r", t.width, "")
	}
}
