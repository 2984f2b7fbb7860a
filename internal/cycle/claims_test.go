package cycle_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/source"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// armedBy is a target that is searched: from then on the process is overtaken when it asks the store.
type armedBy struct {
	connector.Connector
	*surprised
}

func (a armedBy) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	a.armed.Store(true)
	return a.Connector.Find(ctx, query)
}

func (a armedBy) List(ctx context.Context, listing connector.Listing, deliver func([]connector.Account) error) error {
	a.armed.Store(true)
	return a.Connector.List(ctx, listing, deliver)
}

func (a armedBy) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := a.Connector.Apply(ctx, operations)
	a.at("apply")
	return outcomes
}

// surprised is the store of a process that another one overtakes once, right after an answer.
type surprised struct {
	store.Store
	after string // "jobs", "owners" or "apply"
	armed atomic.Bool
	meet  sync.Once
	by    func()
}

func (o *surprised) at(moment string) {
	if o.after == moment && o.armed.Load() {
		o.meet.Do(o.by)
	}
}

func (o *surprised) ListJobs(ctx context.Context) ([]store.JobRecord, error) {
	defer o.at("jobs")
	return o.Store.ListJobs(ctx)
}

func (o *surprised) OwnersByTarget(ctx context.Context, jobIDs []string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor][]store.Owner, error) {
	defer o.at("owners")
	return o.Store.OwnersByTarget(ctx, jobIDs, objectType, anchors)
}

// TestTwoJobsAtTheSameMoment: a job finds an account that nobody manages and, before it can say so, a process that works on another
// job finds and links it too. Whose link is recorded first manages it; the other one fails the object and writes it never.
func TestTwoJobsAtTheSameMoment(t *testing.T) {
	t.Parallel()
	first := definition(withGroups)
	second := definition(withGroups, neighbour, func(d *job.Definition) {
		d.Mappings[1].Attributes[1].Expression = `Append([department], " of the second")`
	})
	for name, c := range map[string]struct {
		// before is the department of the account that is there; empty: the first job makes it. after is the answer after which the
		// first job is overtaken: which jobs there are, whose the account is, or that it was made.
		before, after string
	}{
		"to be updated, by a new job":         {"Kitchen", "jobs"},
		"as the first wants it, by a new job": {"Sales", "jobs"},
		"to be updated":                       {"Kitchen", "owners"},
		"as the first wants it":               {"Sales", "owners"},
		"as the second wants it":              {"Sales of the second", "owners"},
		"made by the first":                   {"", "apply"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bothPaths(t, func(t *testing.T, crowd int) {
				w := newWorld(t)
				w.source.Put(person("ada", "Sales"))
				if c.before != "" {
					w.target.Put(account("a-1", "ada@example.com", c.before))
				}
				for i := range crowd {
					// The crowd is out of scope of the second job: it concerns ada alone.
					w.source.Put(person(fmt.Sprintf("more%02d", i), "HR"))
				}
				other := &cycle.Engine{
					Store: w.store, OpenSource: func(job.Source) (source.Source, error) { return w.source, nil },
					OpenConnector: func(cycle.Opening) (connector.Connector, error) { return w.target, nil },
					Now:           w.now, NewID: func() string { return fmt.Sprintf("other-%d", w.ids.Add(1)) }, Logger: slog.New(slog.DiscardHandler),
				}
				ours := second
				ours.Filters = definition(inDepartments("Sales"), neighbour).Filters
				second := func(create bool) {
					if report, err := other.Commit(t.Context(), cycle.CommitRequest{Definition: ours, Create: create}, nil); err != nil || report.FailureCount > 0 {
						t.Errorf("the second job: %v, %+v", err, report)
					}
				}
				if c.after == "owners" {
					w.source.Put(person("ada", "HR")) // not in its scope yet
					second(true)
					w.source.Put(person("ada", "Sales"))
				}
				doom := &surprised{Store: w.store, after: c.after, by: func() { second(c.after != "owners") }}
				w.connector, w.engine.Store = armedBy{w.target, doom}, doom
				report := w.commit(first)
				w.connector, w.engine.Store = w.target, w.store
				if report.FailureCount != 1 || !strings.Contains(report.Failures[0].Message, "managed by job crm/second") {
					t.Errorf("failures %+v", report.Failures)
				}
				const want = "ada DuplicateSourceEntries the account is managed by job crm/second, which works on the same target, for its source object ada; narrow the scope of one of the jobs"
				if got := w.failuresOf(first); got != want {
					t.Errorf("failures: %s", got)
				}
				w.wantOwner("ada", ours.ID)
				ada := w.entry("ada")
				for range 2 {
					w.commit(first)
					if _, err := other.RunJob(t.Context(), cycle.RunRequest{JobID: ours.ID, Full: true}, nil); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(ada, w.entry("ada"), cmp.Comparer(directory.Value.Equal)); diff != "" || ada.Attributes["department"].String() != "Sales of the second" {
					t.Errorf("the account of the second job (-before +after): %s%s", ada.Attributes["department"], diff)
				}
				if n := strings.Count(w.accounts(), "ada@example.com"); n != 1 {
					t.Errorf("%d accounts for ada", n)
				}
			})
		})
	}
}

// wantOwner expects that one job alone has a link for a source object.
func (w *world) wantOwner(id string, jobs ...string) {
	w.t.Helper()
	var owners []string
	for _, jobID := range []string{"crm/second", "wiki/main"} {
		links, err := w.store.LinksBySource(w.t.Context(), jobID, directory.User, []directory.Anchor{directory.Anchor(id)})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(links) > 0 {
			owners = append(owners, jobID)
		}
	}
	if diff := cmp.Diff(jobs, owners); diff != "" {
		w.t.Errorf("owners of %s (-want +got):\n%s", id, diff)
	}
}
