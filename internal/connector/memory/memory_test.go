package memory_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/connectortest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Options{
		New:     func(*testing.T) connector.Connector { return memory.New(memory.Options{}) },
		Members: members,
		AnyPath: true,
	})
}

func members(_ *testing.T, c connector.Connector, group directory.Anchor) []directory.Anchor {
	for _, entry := range c.(*memory.Connector).State() {
		if entry.Anchor == group {
			return entry.Members
		}
	}
	return nil
}

func TestStateAndCalls(t *testing.T) {
	t.Parallel()
	c := memory.New(memory.Options{})
	c.Put(memory.Entry{Type: directory.User, Anchor: "user-1", Attributes: map[string]directory.Value{"userName": directory.Text("seeded")}})
	c.Put(memory.Entry{Type: directory.User, Anchor: "twin", Attributes: map[string]directory.Value{"userName": directory.Text("seeded")}})
	c.Put(memory.Entry{Type: directory.Group, Anchor: "g", Members: []directory.Anchor{"user-1", "twin"}})
	outcomes := c.Apply(t.Context(), []connector.Operation{
		{ID: "1", Kind: connector.Create, Type: directory.User, Changes: []connector.Change{{Attribute: "userName", Value: directory.Text("new")}}},
		{ID: "2", Kind: connector.Delete, Type: directory.User, Target: "twin"},
	})
	// The anchor that Put used is not handed out again.
	want := []connector.Outcome{{Target: "user-2"}, {Target: "twin"}}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	wantState := "user user-1\n  userName = seeded\nuser user-2\n  userName = new\ngroup g\n  member user-1\n"
	if diff := cmp.Diff(wantState, c.State().String()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(memory.Calls{Apply: 1, Create: 1, Delete: 1}, c.Calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if writes := c.Calls().Writes(); writes != 2 {
		t.Errorf("%d writes, want 2", writes)
	}
	c.ResetCalls()
	if c.Calls() != (memory.Calls{}) {
		t.Errorf("calls after reset: %+v", c.Calls())
	}
	c.Remove(directory.User, "user-1")
	if got := c.State().String(); got != "user user-2\n  userName = new\ngroup g\n" {
		t.Errorf("state after Remove:\n%s", got)
	}
}

func TestReferenceMustExist(t *testing.T) {
	t.Parallel()
	c := memory.New(memory.Options{})
	outcomes := c.Apply(t.Context(), []connector.Operation{{ID: "1", Kind: connector.Create, Type: directory.User, Changes: []connector.Change{
		{Attribute: "manager", Value: directory.Text("nobody"), Reference: true}, {Attribute: "userName", Value: directory.Text("a")}}}})
	if directory.KindOf(outcomes[0].Err) != directory.Invalid || len(c.State()) != 0 {
		t.Errorf("outcome %v, state %v", outcomes[0], c.State())
	}
}

// TestRefuses: what is refused stays as it was, and everything else is written; whoever is to be switched off and stays on is a
// failure.
func TestRefuses(t *testing.T) {
	t.Parallel()
	refused := map[string]bool{}
	c := memory.New(memory.Options{Refuses: func(account directory.Anchor, change connector.Change) bool {
		return account == "u1" && refused[change.Attribute]
	}})
	c.Put(memory.Entry{Type: directory.User, Anchor: "u1", Attributes: map[string]directory.Value{"active": directory.Boolean(true), "title": directory.Text("Dr")}})
	apply := func(names ...string) connector.Outcome {
		clear(refused)
		for _, name := range names {
			refused[name] = true
		}
		return c.Apply(t.Context(), []connector.Operation{{Kind: connector.Update, Type: directory.User, Target: "u1", Changes: []connector.Change{
			{Attribute: "active", Value: directory.Boolean(false)}, {Attribute: "title", Value: directory.Text("Prof")},
		}}})[0]
	}
	holds := func(want string) {
		t.Helper()
		if a := c.State()[0].Attributes; a["active"].String()+" "+a["title"].String() != want {
			t.Fatalf("%v, want %s", a, want)
		}
	}
	if got := apply("active"); directory.KindOf(got.Err) != directory.Invalid || got.Unwritten != nil {
		t.Errorf("%+v", got)
	}
	holds("True Prof")
	c.Put(memory.Entry{Type: directory.User, Anchor: "u1", Attributes: map[string]directory.Value{"active": directory.Boolean(true), "title": directory.Text("Dr")}})
	if got := apply("title"); got.Err != nil || !slices.Equal(got.Unwritten, []string{"title"}) || got.Warning != "refused: title" {
		t.Errorf("%+v", got)
	}
	holds("False Dr")
	if got := apply("title", "active"); directory.KindOf(got.Err) != directory.Invalid || got.Unwritten != nil {
		t.Errorf("%+v", got)
	}
	holds("False Dr")
}

// TestRefusesOfNewAccounts: an account is made without what is refused, and not at all without what it must have.
func TestRefusesOfNewAccounts(t *testing.T) {
	t.Parallel()
	c := memory.New(memory.Options{Refuses: func(account directory.Anchor, change connector.Change) bool {
		return account == "" && (change.Attribute == "title" || change.Attribute == "active")
	}})
	create := func(essential []string, active bool) connector.Outcome {
		return c.Apply(t.Context(), []connector.Operation{{ID: "c", Kind: connector.Create, Type: directory.User, Essential: essential, Changes: []connector.Change{
			{Attribute: "active", Value: directory.Boolean(active)}, {Attribute: "title", Value: directory.Text("Dr")}, {Attribute: "userName", Value: directory.Text("ada")},
		}}})[0]
	}
	for _, got := range []connector.Outcome{create([]string{"title"}, true), create(nil, false)} {
		if directory.KindOf(got.Err) != directory.Invalid || got.Unwritten != nil || len(c.State()) != 0 {
			t.Errorf("%+v", got)
		}
	}
	got := create([]string{"userName"}, true)
	if got.Err != nil || !slices.Equal(got.Unwritten, []string{"active", "title"}) || got.Warning != "refused: active, title" {
		t.Errorf("%+v", got)
	}
	if a := c.State()[0].Attributes; len(a) != 1 || !a["userName"].Equal(directory.Text("ada")) {
		t.Errorf("%v", a)
	}
}
