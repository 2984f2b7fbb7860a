package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/wiring"
)

// explainCommand says why somebody is or is not provisioned.
type explainCommand struct {
	storeFlags

	User string `arg:"" help:"A source id, or the value of the first matching attribute, such as ann@example.com."`
	Type string `placeholder:"TYPE" default:"user" help:"user or group. Default: ${default}."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Help returns the long text of explain --help.
func (explainCommand) Help() string {
	return `Answers from what the engine remembers: its copy of the source as it was last read, the committed configuration, links, stored ` +
		`failures, what waits for approval, and the provisioning log. It contacts neither source nor application, changes nothing, and works ` +
		`while Terraform runs. Whether the application has an account that nobody is linked to yet is the one thing it cannot know; ` +
		`provision-on-demand --dry-run asks.

It shows one sentence; every check of the scope, also those after a failing one, with every clause and assignment; the value of every ` +
		`mapping; what would be written now; the link; and, if there are any, the stored failure with the next attempt and what waits. ` +
		`Values of mappings that call Redact are hidden, and so are the source attributes they read. Values that mappings generate, such as ` +
		`passwords, are examples.

Exit status: 0 when the person was found, whatever is said about them; 1 when nobody or more than one has that name, or something failed; ` +
		`2 for a command line that is not understood.

Examples:

    terraform-provider-provisioning explain ann@example.com
    terraform-provider-provisioning explain 7d1f3b1c-5a0e-4c39-9d38-0c1c1f0b6a01 --job wiki/main --json | jq -r .summary
    terraform-provider-provisioning explain Engineering --type group`
}

// Run explains.
func (c *explainCommand) Run(ctx context.Context, build Build, streams Streams) error {
	return c.with(ctx, build, func(engine *wiring.Engine) error {
		answer, err := engine.Client().Operations.ExplainObject(ctx, connect.NewRequest(&provisioningv1.ExplainObjectRequest{
			JobId: c.Job, Subject: &provisioningv1.Subject{ObjectType: c.Type, Id: c.User},
		}))
		if err != nil {
			return err
		}
		if c.JSON {
			return writeMessage(streams.Out, answer.Msg)
		}
		p := &pages{to: streams.Out}
		p.explanation(answer.Msg)
		return p.err
	})
}

// writeMessage prints a message of the API as JSON, the same bytes each time.
func writeMessage(to io.Writer, message proto.Message) error {
	raw, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(message)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil { // protojson's own blanks differ from build to build
		return err
	}
	b.WriteByte('\n')
	_, err = to.Write(b.Bytes())
	return err
}

// pages prints sections for people. The first error ends it.
type pages struct {
	to  io.Writer
	err error
}

func (p *pages) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format+"\n", args...)
	}
}

// section prints a heading and aligned rows below it; without rows, nothing.
func (p *pages) section(heading string, rows ...[]string) {
	if len(rows) == 0 || p.err != nil {
		return
	}
	p.line("\n%s", heading)
	p.indented("  ", rows...)
}

func (p *pages) indented(by string, rows ...[]string) {
	if p.err != nil {
		return
	}
	var b bytes.Buffer
	out := table{to: &b}
	if p.err = out.rows(rows...); p.err != nil {
		return
	}
	for line := range strings.Lines(b.String()) {
		p.line("%s%s", by, strings.TrimSuffix(line, "\n"))
	}
}

func (p *pages) explanation(m *provisioningv1.ExplainObjectResponse) {
	name := m.GetName()
	if name == "" {
		name = m.GetSubject().GetId()
	}
	p.line("%s (%s %s)", oneLine(name), m.GetSubject().GetObjectType(), oneLine(m.GetSubject().GetId()))
	p.line("%s", oneLine(m.GetSummary()))
	p.section("Now", standingRows(m)...)
	p.section("Scope: "+map[bool]string{true: "in", false: "out"}[m.GetInScope()], scopeRows(m.GetSteps())...)
	p.section("Matching", matchingRows(m.GetMappings())...)
	p.section("Would be written", changeRows(m.GetChanges())...)
	p.section("References", stepRows(m.GetSteps(), provlog.StepReferenceResolution)...)
	p.section("Mappings", mappingRows(m.GetMappings())...)
	p.section("Source attributes", attributeRows(m.GetSourceAttributesJson())...)
	var records [][]string
	for _, r := range m.GetLog() {
		records = append(records, []string{timeText(r.GetTime()), r.GetAction(), r.GetStatus(), r.GetInitiatedBy(), r.GetErrorCode(), r.GetReason()})
	}
	p.section("Log", records...)
}

// standingRows is what the engine remembers of an object.
func standingRows(m *provisioningv1.ExplainObjectResponse) [][]string {
	next := m.GetAction()
	if m.GetCode() != "" {
		next += " (" + m.GetCode() + ")"
	}
	rows := [][]string{{"source", m.GetSourceState()}, {"next cycle", next}}
	if link := m.GetLink(); link != nil {
		rows = append(rows, []string{"link", fmt.Sprintf("%s, managed: %s, active: %s, since %s", link.GetTargetId(), yesNo(link.GetManaged()), yesNo(link.GetActive()), timeText(link.GetLinkedAt()))})
	} else {
		rows = append(rows, []string{"link", "none"})
	}
	if escrow := m.GetEscrow(); escrow != nil {
		rows = append(rows, []string{"failure", fmt.Sprintf("%s: %s", escrow.GetCode(), escrow.GetMessage())},
			[]string{"retry", fmt.Sprintf("from %s on, after %d attempts since %s", timeText(escrow.GetNextAttempt()), escrow.GetAttempts(), timeText(escrow.GetFirstFailure()))})
	}
	if staged := m.GetStaged(); staged != nil {
		waits := fmt.Sprintf("%s since %s: %s", staged.GetAction(), timeText(staged.GetSince()), staged.GetReason())
		if staged.GetHeld() {
			waits += "; held until it is approved"
		}
		if staged.GetDecision() != "" {
			waits += "; " + staged.GetDecision()
		}
		if due := staged.GetDueAt(); due != nil {
			waits += "; due " + timeText(due)
		}
		rows = append(rows, []string{"staged", waits})
	}
	return rows
}

// scopeRows has a row for each check, with the clauses and assignments below those that have any. The step that sums the
// checks up is shown only when there are none.
func scopeRows(steps []*provisioningv1.LogStep) [][]string {
	var scoping []*provisioningv1.LogStep
	for _, step := range steps {
		if step.GetType() == string(provlog.StepScoping) {
			scoping = append(scoping, step)
		}
	}
	if len(scoping) > 1 {
		scoping = scoping[1:]
	}
	var rows [][]string
	for _, step := range scoping {
		verdict := "yes"
		if step.GetStatus() != string(provlog.StatusSuccess) {
			verdict = "no"
		}
		rows = append(rows, []string{verdict, step.GetDescription()})
		if step.GetName() != "Assigned" && step.GetName() != "ScopeEvaluationResult" {
			continue
		}
		for _, detail := range slices.Sorted(maps.Keys(step.GetDetails())) {
			if !strings.HasPrefix(step.GetDescription(), detail+":") { // said already
				rows = append(rows, []string{"", "  " + detail + ": " + step.GetDetails()[detail]})
			}
		}
	}
	return rows
}

func stepRows(steps []*provisioningv1.LogStep, of provlog.StepType) [][]string {
	var rows [][]string
	for _, step := range steps {
		if step.GetType() == string(of) {
			rows = append(rows, []string{step.GetStatus(), step.GetDescription()})
		}
	}
	return rows
}

func matchingRows(mappings []*provisioningv1.ExplainedMapping) [][]string {
	var matching []*provisioningv1.ExplainedMapping
	for _, m := range mappings {
		if m.GetMatchingPrecedence() > 0 {
			matching = append(matching, m)
		}
	}
	slices.SortStableFunc(matching, func(a, b *provisioningv1.ExplainedMapping) int {
		return int(a.GetMatchingPrecedence() - b.GetMatchingPrecedence())
	})
	var rows [][]string
	for _, m := range matching {
		rows = append(rows, []string{strconv.Itoa(int(m.GetMatchingPrecedence())), m.GetTarget(), yielded(m)})
	}
	return rows
}

func mappingRows(mappings []*provisioningv1.ExplainedMapping) [][]string {
	var rows [][]string
	for _, m := range mappings {
		rows = append(rows, []string{m.GetTarget(), yielded(m), abbreviated(m.GetExpression())})
	}
	return rows
}

// yielded is what a mapping yields, for people.
func yielded(m *provisioningv1.ExplainedMapping) string {
	switch {
	case m.GetError() != "":
		return "error: " + m.GetError()
	case m.GetDropped():
		return "dropped"
	default:
		return abbreviated(m.GetValueJson())
	}
}

func changeRows(changes []*provisioningv1.ModifiedProperty) [][]string {
	var rows [][]string
	for _, change := range changes {
		rows = append(rows, []string{change.GetDisplayName(), abbreviated(shownValue(change.GetOldValue())) + " → " + abbreviated(shownValue(change.GetNewValue()))})
	}
	return rows
}

// shownValue shows that nothing is there.
func shownValue(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// attributeRows has a row for each member of a JSON object. What is no JSON object has no rows.
func attributeRows(object string) [][]string {
	var attributes map[string]json.RawMessage
	if json.Unmarshal([]byte(object), &attributes) != nil {
		return nil
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		rows = append(rows, []string{name, abbreviated(string(attributes[name]))})
	}
	return rows
}

// abbreviated keeps a column readable. JSON output has the whole text.
func abbreviated(text string) string {
	const most = 120
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
