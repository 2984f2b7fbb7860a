package faulty_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/connectortest"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestPassesEverythingOn is the contract: without rules the wrapper cannot be told from what it wraps.
func TestPassesEverythingOn(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Options{
		New: func(*testing.T) connector.Connector {
			return faulty.Wrap(memory.New(memory.Options{}), faulty.Options{})
		},
		AnyPath: true,
	})
}

func create(id, name string) connector.Operation {
	return connector.Operation{ID: id, Kind: connector.Create, Type: directory.User,
		Changes: []connector.Change{{Attribute: "userName", Value: directory.Text(name)}}}
}

// TestWrites says for each fault what the caller sees and whether the target has the account.
func TestWrites(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault     faulty.Fault
		kind      directory.ErrorKind
		unknown   bool
		performed bool
		target    directory.Anchor
	}{
		{fault: faulty.None, performed: true, target: "user-1"},
		{fault: faulty.FailBefore, kind: directory.Transient},
		{fault: faulty.AnswerLost, kind: directory.Transient, unknown: true, performed: true},
		{fault: faulty.Throttled, kind: directory.Throttled},
		{fault: faulty.ServerError, kind: directory.Transient, unknown: true},
		{fault: faulty.Reset, kind: directory.Transient, unknown: true},
		{fault: faulty.Timeout, kind: directory.Transient, unknown: true},
		{fault: faulty.Malformed, kind: directory.Incompatible, unknown: true, performed: true},
		{fault: faulty.Unauthorised, kind: directory.Unauthorised},
		{fault: faulty.Conflicting, kind: directory.Conflict},
		{fault: faulty.WrongID, performed: true, target: faulty.WrongAnchor},
	} {
		t.Run(string(test.fault), func(t *testing.T) {
			t.Parallel()
			inner := memory.New(memory.Options{})
			c := faulty.Wrap(inner, faulty.Options{Rules: []faulty.Rule{{Fault: test.fault, OperationID: "bad"}}})
			outcomes := c.Apply(t.Context(), []connector.Operation{create("bad", "ada"), create("good", "bob")})
			err := outcomes[0].Err
			if directory.KindOf(err) != test.kind || directory.OutcomeUnknown(err) != test.unknown || outcomes[0].Target != test.target {
				t.Errorf("outcome %+v (unknown %v)", outcomes[0], directory.OutcomeUnknown(err))
			}
			if errors.Is(err, context.DeadlineExceeded) != (test.fault == faulty.Timeout) {
				t.Errorf("deadline exceeded: %v", err)
			}
			if outcomes[1].Err != nil {
				t.Errorf("the other operation fails too: %v", outcomes[1].Err)
			}
			found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: directory.Text("ada")})
			if err != nil || (len(found) == 1) != test.performed {
				t.Errorf("found %v (%v), want performed %v", found, err, test.performed)
			}
		})
	}
}

// TestAddIsRepeated: elements that were added although the answer was lost are there once when the write is repeated with
// what was known before.
func TestAddIsRepeated(t *testing.T) {
	t.Parallel()
	text := directory.Text
	inner := memory.New(memory.Options{})
	inner.Put(memory.Entry{Type: directory.User, Anchor: "ada", Attributes: map[string]directory.Value{"labels": directory.List(text("a"))}})
	c := faulty.Wrap(inner, faulty.Options{Rules: []faulty.Rule{{Fault: faulty.AnswerLost, OperationID: "first"}}})
	operation := connector.Operation{Kind: connector.Update, Type: directory.User, Target: "ada",
		Changes: []connector.Change{{Attribute: "labels", Value: directory.List(text("a"), text("b")), Add: true}},
		Current: map[string]directory.Value{"labels": directory.List(text("a"))}}
	for _, id := range []string{"first", "second"} {
		operation.ID = id
		outcome := c.Apply(t.Context(), []connector.Operation{operation})[0]
		if directory.OutcomeUnknown(outcome.Err) != (id == "first") || id == "second" && outcome.Err != nil {
			t.Errorf("%s: %v", id, outcome.Err)
		}
		if diff := cmp.Diff("user ada\n  labels = [a, b]\n", inner.State().String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

// TestReads says for each method that its faults reach the caller.
func TestReads(t *testing.T) {
	t.Parallel()
	calls := map[faulty.Method]func(context.Context, connector.Connector) error{
		faulty.Test: func(ctx context.Context, c connector.Connector) error {
			return c.Test(ctx, connector.Probe{Type: directory.User, Attribute: "userName", Value: "x"})
		},
		faulty.Find: func(ctx context.Context, c connector.Connector) error {
			_, err := c.Find(ctx, connector.Query{Type: directory.User, Attribute: "userName", Value: directory.Text("x")})
			return err
		},
		faulty.Get: func(ctx context.Context, c connector.Connector) error {
			_, err := c.Get(ctx, directory.User, "seed", nil)
			return err
		},
		faulty.List: func(ctx context.Context, c connector.Connector) error {
			return c.List(ctx, connector.Listing{Type: directory.User}, func([]connector.Account) error { return nil })
		},
		faulty.Page: func(ctx context.Context, c connector.Connector) error {
			return c.List(ctx, connector.Listing{Type: directory.User}, func([]connector.Account) error { return nil })
		},
	}
	for method, call := range calls {
		t.Run(string(method), func(t *testing.T) {
			t.Parallel()
			inner := memory.New(memory.Options{})
			inner.Put(memory.Entry{Type: directory.User, Anchor: "seed"})
			c := faulty.Wrap(inner, faulty.Options{Rules: []faulty.Rule{
				{Fault: faulty.Throttled, Method: method, N: 2}, {Fault: faulty.Malformed, Method: method, N: 3}}})
			var kinds []directory.ErrorKind
			for range 4 {
				err := call(t.Context(), c)
				kinds = append(kinds, directory.KindOf(err))
				if directory.OutcomeUnknown(err) {
					t.Error("a read has no unknown outcome")
				}
				if told, ok := errors.AsType[*directory.Error](err); ok && told.Kind == directory.Throttled && told.RetryAfter != 3*time.Second {
					t.Errorf("throttled with a pause of %v", told.RetryAfter)
				}
			}
			if diff := cmp.Diff([]directory.ErrorKind{"", directory.Throttled, directory.Incompatible, ""}, kinds); diff != "" {
				t.Errorf("kinds of error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault faulty.Fault
		want  []int
	}{
		{faulty.None, []int{2, 2, 1}},
		{faulty.PageRepeated, []int{2, 2, 2, 1}},
		{faulty.ListTruncated, []int{2, 1}},
	} {
		inner := memory.New(memory.Options{PageSize: 2})
		for i := range 5 {
			inner.Put(memory.Entry{Type: directory.User, Anchor: directory.Anchor(fmt.Sprint(i))})
		}
		c := faulty.Wrap(inner, faulty.Options{Rules: []faulty.Rule{{Fault: test.fault, Method: faulty.Page, N: 2}}})
		var sizes []int
		err := c.List(t.Context(), connector.Listing{Type: directory.User}, func(page []connector.Account) error {
			sizes = append(sizes, len(page))
			return nil
		})
		if diff := cmp.Diff(test.want, sizes); diff != "" || err != nil {
			t.Errorf("%q: error %v, pages (-want +got):\n%s", test.fault, err, diff)
		}
	}
}

func TestWrongID(t *testing.T) {
	t.Parallel()
	inner := memory.New(memory.Options{})
	inner.Put(memory.Entry{Type: directory.User, Anchor: "a", Attributes: map[string]directory.Value{"userName": directory.Text("ada")}})
	c := faulty.Wrap(inner, faulty.Options{Rules: []faulty.Rule{{Fault: faulty.WrongID}}})
	account, err := c.Get(t.Context(), directory.User, "a", nil)
	if err != nil || account.Anchor != faulty.WrongAnchor {
		t.Errorf("get: %v %v", account, err)
	}
	found, err := c.Find(t.Context(), connector.Query{Type: directory.User, Attribute: "userName", Value: directory.Text("ada")})
	if err != nil || len(found) != 1 || found[0].Anchor != faulty.WrongAnchor {
		t.Errorf("find: %v %v", found, err)
	}
}

// TestKillAtWrite cancels from the hook, as a test of the engine's recovery does.
func TestKillAtWrite(t *testing.T) {
	t.Parallel()
	inner := memory.New(memory.Options{})
	ctx, kill := context.WithCancel(t.Context())
	var returned []string
	c := faulty.Wrap(inner, faulty.Options{
		OnCall: func(call faulty.Call) {
			if call.Writes == 2 {
				kill()
			}
		},
		OnReturn: func(call faulty.Call, err error) {
			returned = append(returned, fmt.Sprintf("%s %s %v", call.Method, call.OperationID, err == nil))
		},
	})
	outcomes := c.Apply(ctx, []connector.Operation{create("1", "a"), create("2", "b"), create("3", "c")})
	for i, failed := range []bool{false, true, true} {
		if errors.Is(outcomes[i].Err, context.Canceled) != failed {
			t.Errorf("operation %d: %v", i+1, outcomes[i].Err)
		}
	}
	if len(inner.State()) != 1 || c.Writes() != 2 {
		t.Errorf("%d accounts, %d writes", len(inner.State()), c.Writes())
	}
	if diff := cmp.Diff([]string{"create 1 true", "create 2 false"}, returned); diff != "" {
		t.Errorf("returned (-want +got):\n%s", diff)
	}
	want := []faulty.Call{
		{Method: faulty.Create, OperationID: "1", Type: directory.User, N: 1, Total: 1, Writes: 1},
		{Method: faulty.Create, OperationID: "2", Type: directory.User, N: 2, Total: 2, Writes: 2},
	}
	if diff := cmp.Diff(want, c.Trace()); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	inner := memory.New(memory.Options{})
	c := faulty.Wrap(inner, faulty.Options{Rules: []faulty.Rule{
		{Fault: faulty.FailBefore, Method: faulty.Create, Times: 2},
		{Fault: faulty.Throttled, Writes: 4},
		{Fault: faulty.ServerError, Type: directory.User, Subject: "user-1"},
	}})
	var kinds []directory.ErrorKind
	for i := range 5 {
		outcome := c.Apply(t.Context(), []connector.Operation{create(fmt.Sprint(i), fmt.Sprint("u", i))})[0]
		kinds = append(kinds, directory.KindOf(outcome.Err))
	}
	_, err := c.Get(t.Context(), directory.User, "user-1", nil)
	kinds = append(kinds, directory.KindOf(err))
	want := []directory.ErrorKind{directory.Transient, directory.Transient, "", directory.Throttled, "", directory.Transient}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}
