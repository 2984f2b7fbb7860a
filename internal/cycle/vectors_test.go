package cycle_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// The vectors of engine.md 30, through whole cycles where they speak of requests. Quarantine 1 to 7 and the retry ladder are
// arithmetic and have theirs in internal/engine (TestQuarantines, TestRetryLadder), the scoping clauses in internal/scope
// (TestReferenceTable), the deletion threshold in TestDeletionThreshold.

// recorder writes down what is asked of the target, in order.
type recorder struct {
	connector.Connector
	mu    sync.Mutex
	asked []string
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, fmt.Sprintf(format, args...))
}

func (r *recorder) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	r.note("find %s", query.Attribute)
	return r.Connector.Find(ctx, query)
}

func (r *recorder) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	for _, o := range operations {
		var changes []string
		for _, change := range o.Changes {
			changes = append(changes, change.Attribute+"="+change.Value.String())
		}
		r.note("%s", strings.TrimSpace(fmt.Sprintf("%s %s %s", o.Kind, o.Type, strings.Join(changes, " "))))
	}
	return r.Connector.Apply(ctx, operations)
}

// asks runs a cycle that nobody planned and returns what it asked of the target.
func (w *world) asks() []string {
	w.t.Helper()
	r := &recorder{Connector: w.target, asked: []string{}}
	w.connector = r
	w.run()
	w.connector = w.target
	return r.asked
}

func (w *world) wantAsked(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), w.asks()); diff != "" {
		w.t.Fatalf("requests (-want +got):\n%s", diff)
	}
}

func TestVectorsOfMatching(t *testing.T) {
	t.Parallel()
	d := definition(func(d *job.Definition) {
		by := func(target, expression string, precedence int) job.AttributeMapping {
			return job.AttributeMapping{Target: target, Expression: expression, MatchingPrecedence: precedence, FlowType: job.FlowAlways}
		}
		d.Mappings[0].Attributes = []job.AttributeMapping{by("a", "[a]", 1), by("b", "[b]", 2), by("c", "[c]", 3), {Target: "userName", Expression: "[userPrincipalName]", FlowType: job.FlowAlways}}
	})
	all := map[string]string{"a": "1", "b": "2", "c": "3"}
	holding := func(anchor string, values map[string]string) connectormemory.Entry {
		entry := connectormemory.Entry{Type: directory.User, Anchor: directory.Anchor(anchor), Attributes: map[string]directory.Value{"userName": directory.Text(anchor)}}
		for name, value := range values {
			entry.Attributes[name] = directory.Text(value)
		}
		return entry
	}
	tests := []struct {
		name   string
		source map[string]string
		target []connectormemory.Entry
		want   []string
		code   string
	}{
		{"unique hit on B: C is not queried", all, []connectormemory.Entry{holding("old", map[string]string{"b": "2"})}, []string{"find a", "find b", "update user a=1 c=3 userName=new@example.com"}, ""},
		{"A empty: B is queried first", map[string]string{"b": "2", "c": "3"}, []connectormemory.Entry{holding("old", map[string]string{"b": "2"})}, []string{"find b", "update user c=3 userName=new@example.com"}, ""},
		{"two hits on A: no query for B, nothing written", all, []connectormemory.Entry{holding("one", map[string]string{"a": "1"}), holding("two", map[string]string{"a": "1"})}, []string{"find a"}, "DuplicateTargetEntries"},
		{"no hit at all: all three are queried", all, nil, []string{"find a", "find b", "find c", "create user a=1 b=2 c=3 userName=new@example.com"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			everything := person("seen", "Sales")
			for name := range all {
				everything.Attributes[name] = directory.Text("seen")
			}
			w.source.Put(everything)
			w.commit(d)
			for _, entry := range test.target {
				w.target.Put(entry)
			}
			object := person("new", "Sales")
			for name, value := range test.source {
				object.Attributes[name] = directory.Text(value)
			}
			w.source.Put(object)
			w.wantAsked(test.want...)
			var codes []string
			for _, failure := range w.escrows() {
				codes = append(codes, failure.Code)
			}
			if got := strings.Join(codes, " "); got != test.code {
				t.Fatalf("failures %q, want %q", got, test.code)
			}
		})
	}
}

func TestVectorsOfScope(t *testing.T) {
	t.Parallel()
	clause := func(attribute string, operator scope.Operator, values ...string) scope.Clause {
		return scope.Clause{Attribute: attribute, Operator: operator, Values: values}
	}
	filter := func(name string, clauses ...scope.Clause) job.Filter {
		return job.Filter{AppKey: "wiki", Name: name, ObjectType: directory.User, Clauses: clauses}
	}
	tests := []struct {
		name    string
		filters []job.Filter
		in      bool
	}{
		{"NOT REGEX MATCH on empty is false", []job.Filter{filter("f", clause("jobTitle", scope.NotRegexMatch, "x"))}, false},
		{`EQUALS "sales" vs "Sales" is false`, []job.Filter{filter("f", clause("department", scope.Equals, "sales"))}, false},
		{"two groups, one passes: in scope", []job.Filter{filter("f", clause("department", scope.Equals, "HR")), filter("g", clause("department", scope.Equals, "Sales"))}, true},
		{"two clauses of one group, one passes: out of scope", []job.Filter{filter("f", clause("department", scope.Equals, "Sales"), clause("jobTitle", scope.IsNotNull))}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("zoe", "Kitchen", disabled, having("jobTitle", directory.Text("Cook"))))
			w.commit(definition(func(d *job.Definition) { d.Filters = test.filters }))
			if got := len(w.target.State()) == 1; got != test.in {
				t.Fatalf("in scope %t, want %t: %s", got, test.in, w.accounts())
			}
		})
	}
}

func TestVectorsOfDeprovisioning(t *testing.T) {
	t.Parallel()
	assigned := definition(withGroups, func(d *job.Definition) {
		d.Scope = scope.ModeAssigned
		d.Assignments = []job.Assignment{{AppKey: "wiki", Name: "staff", Groups: []directory.Anchor{"staff"}}}
	})
	begin := func(t *testing.T) *world {
		w := newWorld(t)
		w.source.Put(person("ada", "Sales"), person("bob", "Sales"), group("staff", "ada", "bob"))
		w.commit(assigned)
		w.wantAsked()
		return w
	}
	const disable, enable = "update user active=False", "update user active=True"
	t.Run("unassign disables, then a hard delete sends nothing", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		w.source.Put(group("staff", "bob"))
		w.wantAsked("remove_members group", disable)
		w.source.Remove(directory.User, "ada")
		w.wantAsked()
	})
	t.Run("disable in the source disables, then a hard delete deletes", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		w.source.Put(person("ada", "Sales", disabled))
		w.wantAsked(disable)
		w.source.Remove(directory.User, "ada")
		w.wantAsked("delete user")
	})
	t.Run("soft delete disables, restore enables without memberships", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		w.source.Put(person("ada", "Sales", softDeleted))
		w.wantAsked(disable)
		w.source.Put(person("ada", "Sales"))
		w.wantAsked(enable)
	})
}

func TestVectorsOfTheDeletionThreshold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		cycles []string
		want   string
	}{
		{"3 disables are executed", []string{"a b c"}, "d e f g h"},
		{"4 are staged, nothing is written", []string{"a b c d"}, "a b c d e f g h"},
		{"two cycles with 3 each are executed", []string{"a b c", "d e f"}, "g h"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, _ := crew(t, atMost(3), "a", "b", "c", "d", "e", "f", "g", "h")
			var last cycle.Report
			for _, leaving := range test.cycles {
				w.put("HR", strings.Fields(leaving)...)
				last = w.run()
			}
			w.wantActive(test.want)
			if held := strings.HasPrefix(test.name, "4"); held != (len(last.Held) == 4) || held != w.quarantine().In() {
				t.Fatalf("held %+v, quarantine %+v", last.Held, w.quarantine())
			}
		})
	}
}

// TestVectorOfTheRetryLadder fails one object for four weeks and notes when a cycle that runs every hour tries it.
func TestVectorOfTheRetryLadder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), twin("HR"))
	w.commit(definition())
	first := w.escrow().FirstFailure
	var got []int
	for hour := 1; hour <= 29*24; hour++ {
		if hour > 49 && hour%24 > 1 { // nothing is due in between, which the first two days have shown
			continue
		}
		w.reach(first, time.Duration(hour)*time.Hour)
		if report := w.run(); report.FailureCount > 0 {
			got = append(got, hour)
		}
	}
	want := []int{6, 12}
	for d := 1; d < 28; d++ {
		want = append(want, d*24)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(w.escrows()) != 0 {
		t.Fatalf("left %v, hours (-want +got):\n%s", w.escrows(), diff)
	}
}
