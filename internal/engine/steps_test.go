package engine_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files of this package")

// The steps of every kind of decision, as the log and an explanation show them (engine.md 8). The golden file is read
// like code: order import, scoping, matching, export; names, types and statuses of engine.md 8 and 24.
func TestSteps(t *testing.T) {
	t.Parallel()
	failing := compile(t, attributes(mapped("active", `Switch([IsSoftDeleted], , "False", "True", "True", "gone")`)))
	program := compile(t)
	cases := []struct {
		name     string
		decision engine.Decision
	}{
		{"create", decide(program, ada(), true, nil, noMatch)},
		{"link and update", decide(program, ada(), true, nil, found(account(holding("department", directory.Text("HR")))))},
		{"link only", decide(program, ada(), true, nil, found(account()))},
		{"update", decide(program, ada(), true, link(func(l *engine.Linked) { l.Exported["department"] = directory.Text("HR") }), noMatch)},
		{"nothing to do", decide(program, ada(), true, link(), noMatch)},
		{"never provisioned", decide(program, ada(inHR), true, nil, noMatch)},
		{"disable", decide(program, ada(inHR), true, link(), noMatch)},
		{"delete", decide(program, ada(hardDeleted), true, link(), noMatch)},
		{"left alone", decide(compile(t, func(d *job.Definition) { d.SkipOutOfScopeDeletions = true }), ada(inHR), true, link(), noMatch)},
		{"switched off by a mapping", decide(compile(t, attributes(mapped("active", `"False"`))), ada(), true, link(), noMatch)},
		{"nothing to match by", decide(program, ada(with("userPrincipalName", directory.Null())), true, nil, noMatch)},
		{"two accounts", decide(program, ada(), true, nil, engine.Match{Attribute: "userName", Found: 2})},
		{"two people", decide(program, ada(), true, nil, engine.Match{Attribute: "userName", Found: 1, ClaimedBy: "u-bob"})},
		{"creates off", decide(compile(t, func(d *job.Definition) { users(d).Actions.Create = false }), ada(), true, nil, noMatch)},
		{"a mapping fails while leaving", decide(failing, ada(inHR), true, link(), noMatch)},
		{"type off", decide(compile(t, func(d *job.Definition) { groups(d).Enabled = false }), staff(), true, groupLink(), noMatch)},
	}
	var text strings.Builder
	for _, c := range cases {
		text.WriteString("== " + c.name + "\n")
		for _, step := range c.decision.Steps() {
			details, err := json.Marshal(step.Details)
			if err != nil {
				t.Fatal(err)
			}
			text.WriteString(strings.TrimSuffix(strings.Join([]string{string(step.Type), step.Name, string(step.Status), step.Description, string(details)}, " | "), " | null") + "\n")
		}
	}
	path := filepath.Join("testdata", "steps.txt")
	if *rewrite {
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("(-want +got; -rewrite writes it):\n%s", diff)
	}
}
