package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
)

// TestWithout: what was refused holds what it held, and whoever may be on counts as on.
func TestWithout(t *testing.T) {
	t.Parallel()
	program := compile(t)
	type held = map[string]directory.Value
	on, off := directory.Boolean(true), directory.Boolean(false)
	for _, test := range []struct {
		name        string
		current     held
		active      directory.Value // what active is changed to; null: it is not
		refused     []string
		want        held
		wantsActive bool
	}{
		{"nothing is refused", held{"title": directory.Text("a")}, directory.Null(), nil, held{"title": directory.Text("b")}, true},
		{"a value", held{"title": directory.Text("a")}, directory.Null(), []string{"title"}, held{"title": directory.Text("a")}, true},
		{"where there was none", held{}, directory.Null(), []string{"title"}, held{}, true},
		{"switched on, and the title refused", held{"active": off}, on, []string{"title"}, held{"active": on}, true},
		{"switching on is refused", held{"active": off}, on, []string{"active"}, held{"active": off, "title": directory.Text("b")}, false},
		{"the same, in text", held{"active": directory.Text("False")}, on, []string{"active"}, held{"active": directory.Text("False"), "title": directory.Text("b")}, false},
		{"the same, in doubt", held{"active": directory.Text("?")}, on, []string{"active"}, held{"active": directory.Text("?"), "title": directory.Text("b")}, true},
		{"the same, never seen", held{}, on, []string{"active"}, held{"title": directory.Text("b")}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := engine.Decision{Action: engine.Update, Current: test.current, Active: true,
				Changes: []engine.Change{{Attribute: "title", Old: test.current["title"], New: directory.Text("b")}}}
			if !test.active.IsNull() {
				d.Changes = append(d.Changes, engine.Change{Attribute: "active", Old: test.current["active"], New: test.active})
			}
			got := program.Without(d, test.refused)
			if diff := cmp.Diff(test.want, got.Afterwards()); diff != "" || got.Active != test.wantsActive {
				t.Errorf("active %v (-want +got):\n%s", got.Active, diff)
			}
		})
	}
}
