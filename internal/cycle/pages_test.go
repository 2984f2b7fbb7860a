package cycle_test

import (
	"fmt"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	connectormemory "github.com/app-provisioning/terraform-provider-provisioning/internal/connector/memory"
)

// TestListGoesWrong: a page that comes twice, a list that ends early without saying so, and every other fault of a page.
func TestListGoesWrong(t *testing.T) {
	t.Parallel()
	for _, fault := range []faulty.Fault{
		faulty.PageRepeated, faulty.ListTruncated, faulty.FailBefore, faulty.AnswerLost, faulty.Throttled, faulty.Timeout, faulty.Malformed,
		faulty.Unauthorised,
	} {
		for n := 1; n <= 4; n++ {
			t.Run(fmt.Sprintf("%s of page %d", fault, n), func(t *testing.T) {
				t.Parallel()
				listGoesWrong(t, fault, n)
			})
		}
	}
}

// listGoesWrong matches 40 people of whom 30 have an account, from a target that is listed in pages of 10.
func listGoesWrong(t *testing.T, fault faulty.Fault, n int) {
	t.Helper()
	w := newWorld(t)
	w.target = connectormemory.New(connectormemory.Options{PageSize: 10})
	var want []string
	for i := range 40 {
		id := fmt.Sprintf("p%02d", i)
		if i < 30 {
			w.target.Put(account("old-"+id, id+"@example.com", "Old"))
		}
		w.source.Put(person(id, "Sales"))
		want = append(want, id+"@example.com active=True department=Sales")
	}
	w.target.Put(account("stranger", "zed@example.com", "Kitchen"))
	want = append(want, stranger)
	w.connector = faulty.Wrap(w.target, faulty.Options{Rules: []faulty.Rule{{Fault: fault, Method: faulty.Page, N: n, Times: 1}}})
	_, err := w.tryCommit(t.Context(), definition(), nil)
	if tolerable := fault == faulty.PageRepeated || fault == faulty.ListTruncated; (err == nil) != tolerable {
		t.Fatalf("got %v", err)
	}
	report := w.commit(definition())
	w.wantAccounts(want...)
	if report.FailureCount != 0 {
		t.Fatalf("failures %+v", report.Failures)
	}
}
