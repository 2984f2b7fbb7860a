package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// Setup makes a new, empty database and returns a function that opens it. Opening it several times gives several
// stores on the same data, as several processes would have.
type Setup func(tb testing.TB) (open func() store.Store)

// Run runs the suite.
func Run(t *testing.T, setup Setup) {
	for _, area := range []struct {
		name  string
		cases []testCase
	}{
		{"drafts", drafts()},
		{"secrets", secrets()},
		{"connections", connections()},
		{"jobs", jobs()},
		{"leases", leases()},
		{"copies", copies()},
		{"imports", imports()},
		{"partial imports", partialImports()},
		{"group members", groupMembers()},
		{"nested members", nestedMembers()},
		{"nested touches", nestedTouches()},
		{"nested histories", nestedHistories()},
		{"links", links()},
		{"link search", linkSearch()},
		{"claims", claims()},
		{"references", references()},
		{"memberships", memberships()},
		{"staged", staged()},
		{"escrow", escrow()},
		{"drift", drift()},
		{"record", record()},
		{"log", provisioningLog()},
		{"log search", logSearch()},
		{"log retention", logRetention()},
		{"previews", previews()},
		{"targets", targets()},
		{"concurrency", concurrency()},
		{"text", text()},
		{"restart", restart()},
		{"resets", resets()},
	} {
		for _, c := range area.cases {
			t.Run(area.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				c.test(t, setup(t))
			})
		}
	}
}

// testCase is one sentence of the contract, tested on a database of its own.
type testCase struct {
	name string
	test func(t *testing.T, open func() store.Store)
}

// on makes a case that needs one store.
func on(name string, test func(t *testing.T, s store.Store)) testCase {
	return testCase{name, func(t *testing.T, open func() store.Store) { test(t, openFor(t, open)) }}
}

// What most tests use: a copy, in the form of job.Source.CopyID, a job and a time.
const (
	copyID = "hr@0123456789abcdef"
	jobID  = "crm/people"
)

var day = time.Date(2026, 3, 14, 9, 26, 53, 589_000_000, time.UTC)

// everything is a position above all positions.
const everything = 1 << 62

// openFor opens a store and closes it with the test.
func openFor(tb testing.TB, open func() store.Store) store.Store {
	s := open()
	tb.Cleanup(func() { must(tb, s.Close()) })
	return s
}

// commit makes a job and takes its lease.
func commit(tb testing.TB, s store.Store, id string) (fence int64) {
	tb.Helper()
	ctx := context.Background()
	_, err := s.CommitJob(ctx, job.Definition{ID: id}, 0, false, day)
	must(tb, err)
	fence, err = s.Lease(ctx, id, "test", day, time.Hour)
	must(tb, err)
	return fence
}

// keep records a batch for the usual job, which it makes when there is none.
func keep(tb testing.TB, s store.Store, batch store.Batch) {
	tb.Helper()
	ctx := context.Background()
	_, err := s.GetJob(ctx, jobID)
	if directory.KindOf(err) == directory.NotFound {
		commit(tb, s, jobID)
	}
	fence, err := s.Lease(ctx, jobID, "test", day, time.Hour)
	must(tb, err)
	must(tb, s.Record(ctx, jobID, fence, batch))
}

// put imports whole objects into the usual copy.
func put(tb testing.TB, s store.Store, complete bool, objects ...directory.Object) store.CopyState {
	tb.Helper()
	changes := make([]store.ObjectChange, len(objects))
	for i, object := range objects {
		changes[i].Object = object
	}
	return putChanges(tb, s, complete, changes...)
}

func putChanges(tb testing.TB, s store.Store, complete bool, changes ...store.ObjectChange) store.CopyState {
	tb.Helper()
	ctx := context.Background()
	state, err := s.Import(ctx, copyID, day, func(im store.Importer) (store.ImportResult, error) {
		return store.ImportResult{Watermark: "next", Complete: complete}, im.Put(ctx, changes)
	})
	must(tb, err)
	return state
}

// user and group make objects with a display name that is their anchor.
func user(anchor directory.Anchor) directory.Object {
	return directory.Object{
		Type: directory.User, Anchor: anchor,
		Attributes: map[string]directory.Value{"displayName": directory.Text(string(anchor))},
		References: map[string][]directory.Anchor{},
	}
}

func group(anchor directory.Anchor, members ...directory.Anchor) directory.Object {
	object := user(anchor)
	object.Type = directory.Group
	if len(members) > 0 {
		object.References["members"] = members
	}
	return object
}

// changed returns the anchors of the objects of a type that changed after a position, in the order of their change.
func changed(tb testing.TB, s store.Store, objectType directory.ObjectType, after int64) []directory.Anchor {
	tb.Helper()
	objects, err := s.Objects(context.Background(), copyID, objectType, after, everything, 1000)
	must(tb, err)
	anchors := []directory.Anchor{}
	for _, object := range objects {
		anchors = append(anchors, object.Anchor)
	}
	return anchors
}

// get returns one object of the copy.
func get(tb testing.TB, s store.Store, objectType directory.ObjectType, anchor directory.Anchor) directory.Object {
	tb.Helper()
	objects, err := s.ObjectsByAnchor(context.Background(), copyID, objectType, []directory.Anchor{anchor})
	must(tb, err)
	object, ok := objects[anchor]
	if !ok {
		tb.Fatalf("the copy does not have %s %s", objectType, anchor)
	}
	return object.Object
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// equal compares whole values.
func equal(tb testing.TB, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("(-want +got):\n%s", diff)
	}
}

// wantKind checks the kind of an error.
func wantKind(tb testing.TB, err error, kind directory.ErrorKind) {
	tb.Helper()
	if directory.KindOf(err) != kind {
		tb.Errorf("got error %v of kind %q, want kind %q", err, directory.KindOf(err), kind)
	}
}
