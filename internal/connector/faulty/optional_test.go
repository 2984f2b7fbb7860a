package faulty_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func TestDiscoverPassesOn(t *testing.T) {
	t.Parallel()
	want := connector.Discovery{Features: &connector.Features{Patch: true}, Problems: []string{"no schemas"}}
	c := faulty.Wrap(memory.New(memory.Options{Discovery: want}), faulty.Options{Rules: []faulty.Rule{{Method: faulty.Discover, N: 2, Fault: faulty.Timeout}}})
	got, err := c.Discover(t.Context())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if got, err = c.Discover(t.Context()); directory.KindOf(err) != directory.Transient || got.Features != nil {
		t.Errorf("the second call: %+v, %v; want a timeout", got, err)
	}
	if calls := c.Trace(); len(calls) != 2 || calls[1].Method != faulty.Discover {
		t.Errorf("trace %+v", calls)
	}
}

// bare is a connector without optional abilities; knowing has learned something.
type (
	bare    struct{ connector.Connector }
	knowing struct {
		connector.Connector
		learning connector.Learning
	}
)

func (k knowing) Learned() connector.Learning { return k.learning }

func TestOptionalAbilitiesAreThoseOfTheInnerConnector(t *testing.T) {
	t.Parallel()
	without := faulty.Wrap(bare{memory.New(memory.Options{})}, faulty.Options{})
	if _, err := without.Members(t.Context(), "g"); directory.KindOf(err) != directory.Unsupported {
		t.Errorf("members: %v, want unsupported", err)
	}
	if _, err := without.Discover(t.Context()); directory.KindOf(err) != directory.Unsupported {
		t.Errorf("discover: %v, want unsupported", err)
	}
	if got := without.Learned(); got.Document != nil || got.Facts != nil {
		t.Errorf("learned %+v of a connector that learns nothing", got)
	}
	want := connector.Learning{Document: []byte("{}"), Facts: []connector.Fact{{Name: "a", Value: "b", Reason: "c"}}}
	if diff := cmp.Diff(want, faulty.Wrap(knowing{learning: want}, faulty.Options{}).Learned()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMembersPassesOn(t *testing.T) {
	t.Parallel()
	target := memory.New(memory.Options{})
	target.Put(memory.Entry{Type: directory.Group, Anchor: "g", Members: []directory.Anchor{"b", "a"}})
	c := faulty.Wrap(target, faulty.Options{Rules: []faulty.Rule{{Method: faulty.Members, N: 2, Fault: faulty.AnswerLost}}})
	if got, err := c.Members(t.Context(), "g"); err != nil || len(got) != 2 || got[0] != "a" {
		t.Errorf("members %v, %v", got, err)
	}
	if got, err := c.Members(t.Context(), "g"); directory.KindOf(err) != directory.Transient || got != nil {
		t.Errorf("members %v, %v; want a lost answer", got, err)
	}
}

// many answers many queries at once.
type many struct{ *memory.Connector }

func (m many) FindMany(ctx context.Context, queries []connector.Query) ([]connector.Found, error) {
	found := make([]connector.Found, len(queries))
	for i, query := range queries {
		found[i].Accounts, found[i].Err = m.Find(ctx, query)
	}
	return found, nil
}

func TestFindManyPassesOn(t *testing.T) {
	t.Parallel()
	target := memory.New(memory.Options{})
	var queries []connector.Query
	for _, name := range []string{"ada", "bob", "cyn"} {
		target.Put(memory.Entry{Type: directory.User, Anchor: directory.Anchor(name), Attributes: map[string]directory.Value{"userName": directory.Text(name)}})
		queries = append(queries, connector.Query{Type: directory.User, Attribute: "userName", Value: directory.Text(name)})
	}
	c := faulty.Wrap(many{target}, faulty.Options{Rules: []faulty.Rule{
		{Method: faulty.Find, N: 2, Fault: faulty.Timeout}, {Method: faulty.Find, N: 3, Fault: faulty.WrongID},
	}})
	found, err := c.FindMany(t.Context(), queries)
	if err != nil || len(found) != 3 {
		t.Fatal(found, err)
	}
	if len(found[0].Accounts) != 1 || found[0].Accounts[0].Anchor != "ada" || found[0].Err != nil {
		t.Errorf("the first: %+v", found[0])
	}
	if found[1].Accounts != nil || directory.KindOf(found[1].Err) != directory.Transient {
		t.Errorf("the second: %+v, want a timeout", found[1])
	}
	if len(found[2].Accounts) != 1 || found[2].Accounts[0].Anchor != faulty.WrongAnchor {
		t.Errorf("the third: %+v, want another id", found[2])
	}
	if calls := c.Trace(); len(calls) != 3 || calls[1].Method != faulty.Find || calls[1].Subject != "bob" {
		t.Errorf("trace %+v", calls)
	}
	if _, err := faulty.Wrap(bare{target}, faulty.Options{}).FindMany(t.Context(), queries); directory.KindOf(err) != directory.Unsupported {
		t.Errorf("one at a time: %v, want unsupported", err)
	}
}
