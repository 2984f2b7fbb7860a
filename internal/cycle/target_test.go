package cycle_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// learning is a target that teaches: what its connectors were built with, and what the next one knows at its end.
type learning struct {
	*connectormemory.Connector
	given []string
	knows connector.Learning
}

func (l *learning) Learned() connector.Learning { return l.knows }

// learns makes the engine's connectors learn.
func (w *world) learns() *learning {
	l := &learning{Connector: w.target}
	w.engine.OpenConnector = func(opening cycle.Opening) (connector.Connector, error) {
		l.given = append(l.given, string(opening.Learned))
		return l, nil
	}
	return l
}

func (l *learning) teach(document string, facts ...connector.Fact) {
	l.knows = connector.Learning{Document: []byte(document), Facts: facts}
}

// last is what the newest connector was built with.
func (l *learning) last() string { return l.given[len(l.given)-1] }

func TestWhatAConnectorLearnedIsHandedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.learns()
	w.source.Put(person("a", "Sales"))
	definition := definition()
	l.teach(`{"booleans":"strings"}`, connector.Fact{Name: "booleans", Value: "strings", Reason: "400"})
	w.commit(definition)
	if l.given[0] != "" {
		t.Errorf("the first connector knew %q", l.given[0])
	}
	w.commit(definition)
	if l.last() != `{"booleans":"strings"}` {
		t.Errorf("the next connector knew %q", l.last())
	}
	known := knowledge(t, w, definition)
	if diff := cmp.Diff([]store.LearnedFact{{Name: "booleans", Value: "strings", Reason: "400"}}, known.Learned.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}

	// Nothing new is not stored anew; on demand learns as a cycle does.
	before := known.Learned.At
	w.commit(definition)
	if got := knowledge(t, w, definition).Learned.At; !got.Equal(before) {
		t.Errorf("stored again at %v, known since %v", got, before)
	}
	l.teach(`{"booleans":"strings","manager":"text"}`)
	if _, err := w.engine.OnDemand(t.Context(), definition.ID, []cycle.Subject{{Type: "user", ID: "a"}}, false); err != nil {
		t.Fatal(err)
	}
	w.open() // another process
	l = w.learns()
	l.teach(`{"booleans":"strings","manager":"text"}`)
	if _, err := w.engine.Status(t.Context(), definition.ID); err != nil || l.last() != `{"booleans":"strings","manager":"text"}` {
		t.Errorf("another process starts with %q, %v", l.last(), err)
	}
}

func TestWhatWasLearnedIsForgottenWithTheTarget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.learns()
	before := definition()
	l.teach(`{"a":1}`)
	w.commit(before)
	after := definition()
	after.Connection.SCIM = &job.SCIMConnection{BaseURL: before.Connection.SCIM.BaseURL, Profile: "entra"}
	l.teach("")
	w.commit(after)
	if l.last() != "" {
		t.Errorf("with another profile connectors still know %q", l.last())
	}
	if known := knowledge(t, w, before); len(known.Learned.Document) > 0 || len(known.Described.Body) > 0 {
		t.Errorf("what is known of the target before: %+v", known)
	}
	w.commit(before)
	if l.last() != "" {
		t.Errorf("back at the first target, connectors know %q", l.last())
	}
}

func knowledge(t *testing.T, w *world, definition job.Definition) store.Knowledge {
	t.Helper()
	known, err := w.store.GetKnowledge(t.Context(), store.ConnectionKey{
		ConnectionID: definition.Connection.ID(), Endpoint: strings.TrimSpace(definition.Connection.Endpoint() + " " + definition.Connection.SCIM.Profile),
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// A target is asked what it says about itself when a commit reaches it, once a day; a cycle asks when nothing is known for a week.
func TestWhenATargetIsAskedToDescribeItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	described := ""
	w.engine.OpenConnector = func(opening cycle.Opening) (connector.Connector, error) {
		described = strconv.FormatBool(opening.Described != nil)
		return w.connector, nil
	}
	definition := definition()
	asked := func(want int, when string) {
		t.Helper()
		if got := w.target.Calls().Discover; got != want {
			t.Errorf("%s: asked %d times in all, want %d", when, got, want)
		}
	}
	w.commit(definition)
	asked(1, "first commit")
	w.commit(definition)
	asked(1, "commit again")
	w.clock.Add((25 * time.Hour).Milliseconds())
	w.job(cycle.RunRequest{})
	asked(1, "cycle a day later")
	if described != "true" {
		t.Errorf("the connector of a cycle a day later was built with a description: %s", described)
	}
	w.commit(definition)
	asked(2, "commit a day later")
	if _, err := w.store.ForgetKnowledge(t.Context(), definition.Connection.ID(), nil); err != nil {
		t.Fatal(err)
	}
	w.job(cycle.RunRequest{})
	asked(3, "cycle after forgetting")
	if described != "false" {
		t.Errorf("the connector of a cycle after forgetting was built with a description: %s", described)
	}
	w.clock.Add((6 * 24 * time.Hour).Milliseconds())
	w.job(cycle.RunRequest{})
	asked(3, "cycle six days later")
	w.clock.Add((25 * time.Hour).Milliseconds())
	w.job(cycle.RunRequest{})
	asked(4, "cycle a week later")
	if described != "false" {
		t.Errorf("the connector of a cycle a week later was built with what is out of date: %s", described)
	}
}
