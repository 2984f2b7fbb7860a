package cycle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/faulty"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

func (w *world) openTarget(cycle.Opening) (connector.Connector, error) {
	return w.target, nil
}

// staffed is a job with an active, a disabled and a released user, a group, and a stranger's account.
func staffed(t *testing.T, change ...func(*job.Definition)) (*world, job.Definition) {
	t.Helper()
	w := newWorld(t)
	w.target.Put(account("stranger", "zed@example.com", "Kitchen"))
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "HR"), person("dan", "Sales"), group("staff", "ada", "bob"))
	w.commit(definition(withGroups))
	w.source.Put(person("bob", "Sales", disabled))
	d := definition(withGroups, inDepartments("Sales"), func(d *job.Definition) {
		for _, c := range change {
			c(d)
		}
	})
	w.commit(d)
	w.wantAccounts(stranger, "ada@example.com active=True department=Sales", "bob@example.com active=False department=Sales",
		"cyn@example.com active=False department=HR", "dan@example.com active=True department=Sales", "group staff [ada@example.com bob@example.com]")
	return w, d
}

// retire destroys a job the way terraform does: what was planned is approved.
func (w *world) retire(d job.Definition, policy job.DestroyPolicy) ([]engine.Affected, error) {
	w.t.Helper()
	shown, err := w.engine.PreviewRetirement(w.t.Context(), d.ID, policy)
	if err != nil {
		w.t.Fatal(err)
	}
	digest := engine.DigestAffected(shown.Affected)
	executed, err := w.engine.Retire(w.t.Context(), cycle.RetireRequest{JobID: d.ID, Policy: policy, AccountsDigest: &digest}, func(p cycle.Progress) {
		if p.Done > p.Total {
			w.t.Errorf("progress %+v", p)
		}
	})
	if err == nil && engine.DigestAffected(executed) != digest {
		w.t.Errorf("shown:\n%s\nexecuted:\n%s", cycle.Names(shown.Affected), cycle.Names(executed))
	}
	return executed, err
}

func TestRetire(t *testing.T) {
	t.Parallel()
	kept := []string{stranger, "ada@example.com active=True department=Sales", "bob@example.com active=False department=Sales",
		"cyn@example.com active=False department=HR", "dan@example.com active=True department=Sales", "group staff [ada@example.com bob@example.com]"}
	for _, c := range []struct {
		policy job.DestroyPolicy
		writes int
		want   []string
		again  []string
	}{
		{job.DestroyKeep, 0, kept, kept},
		{job.DestroyDisable, 2, []string{stranger, "ada@example.com active=False department=Sales", "bob@example.com active=False department=Sales",
			"cyn@example.com active=False department=HR", "dan@example.com active=False department=Sales", "group staff [ada@example.com bob@example.com]"}, kept},
		{job.DestroyDelete, 4, []string{stranger, "cyn@example.com active=False department=HR"}, []string{
			stranger, "ada@example.com active=True department=Sales", "cyn@example.com active=False department=HR",
			"dan@example.com active=True department=Sales", "group staff [ada@example.com]"}},
	} {
		t.Run(string(c.policy), func(t *testing.T) {
			t.Parallel()
			w, d := staffed(t)
			w.target.ResetCalls()
			executed, err := w.retire(d, c.policy)
			if err != nil || len(executed) != c.writes || w.target.Calls().Writes() != c.writes {
				t.Fatalf("executed %+v, %v, calls %+v", executed, err, w.target.Calls())
			}
			w.wantAccounts(c.want...)
			if _, err := w.engine.Status(t.Context(), d.ID); !errors.Is(err, directory.NotFound) {
				t.Fatalf("the job is still there: %v", err)
			}
			// The job can be made again, and finds what it left behind.
			w.commit(d)
			w.wantAccounts(c.again...)
		})
	}
}

func TestRetireNeedsApprovalAndObeysLimits(t *testing.T) {
	t.Parallel()
	w, d := staffed(t, limited(2, 3))
	refuse := func(approved *string, kind error) {
		t.Helper()
		before := w.accounts()
		w.target.ResetCalls()
		executed, err := w.engine.Retire(t.Context(), cycle.RetireRequest{JobID: d.ID, Policy: job.DestroyDelete, AccountsDigest: approved}, nil)
		if !errors.Is(err, kind) || len(executed) != 0 || w.target.Calls().Writes() != 0 || w.accounts() != before {
			t.Fatalf("got %v, executed %+v", err, executed)
		}
	}
	shown, err := w.engine.PreviewRetirement(t.Context(), d.ID, job.DestroyDelete)
	if err != nil || len(shown.Affected) != 4 {
		t.Fatalf("shown %+v, %v", shown.Affected, err)
	}
	digest, none := engine.DigestAffected(shown.Affected), engine.DigestAffected(nil)
	refuse(nil, directory.Conflict)
	refuse(&none, directory.Conflict)
	refuse(&digest, directory.LimitExceeded)
	// Somebody joins after the plan.
	w.source.Put(person("eve", "Sales"))
	w.commit(d)
	refuse(&digest, directory.Conflict)
	// Nothing is lost by keeping.
	if _, err := w.engine.Retire(t.Context(), cycle.RetireRequest{JobID: d.ID, Policy: job.DestroyKeep}, nil); err != nil {
		t.Fatal(err)
	}
}

// TestRetireAcceptsFewerThanShown: somebody who left since the plan is no reason to refuse; somebody who came is.
func TestRetireAcceptsFewerThanShown(t *testing.T) {
	t.Parallel()
	w, d := staffed(t)
	shown, err := w.engine.PlanRetirement(t.Context(), d.ID, job.DestroyDisable)
	if err != nil || len(shown.Affected) != 2 || shown.Position == "" {
		t.Fatalf("shown %+v, %v", shown, err)
	}
	digest := engine.DigestAffected(shown.Affected)
	request := cycle.RetireRequest{JobID: d.ID, Policy: job.DestroyDisable, Position: shown.Position, AccountsDigest: &digest}
	w.source.Put(person("dan", "Sales", disabled), person("eve", "Sales"))
	w.commit(d)
	if _, err := w.engine.Retire(t.Context(), request, nil); !errors.Is(err, directory.Conflict) {
		t.Fatalf("eve was not shown: %v", err)
	}
	w.source.Put(person("eve", "Sales", disabled))
	w.commit(d)
	executed, err := w.engine.Retire(t.Context(), request, nil)
	if err != nil || cycle.Names(executed) != "disable user ada@example.com: the job is destroyed with on_destroy = disable" {
		t.Fatalf("executed %s, %v", cycle.Names(executed), err)
	}
}

// TestRetireFails: the job stays with what is left, and can be destroyed again.
func TestRetireFails(t *testing.T) {
	t.Parallel()
	for _, policy := range []job.DestroyPolicy{job.DestroyDisable, job.DestroyDelete} {
		for _, fault := range passing() {
			t.Run(string(policy)+" "+string(fault), func(t *testing.T) {
				t.Parallel()
				w, d := staffed(t)
				w.connector = faulty.Wrap(w.target, faulty.Options{Rules: []faulty.Rule{{Fault: fault, Writes: 1, Times: 1}}})
				executed, err := w.retire(d, policy)
				if err == nil || !strings.Contains(err.Error(), "The job is kept") {
					t.Fatalf("got %v", err)
				}
				status, err := w.engine.Status(t.Context(), d.ID)
				if err != nil {
					t.Fatal(err)
				}
				// Nobody's link is lost with the failure: going on with the job mends what the destroy did.
				if _, err := w.tryCommit(t.Context(), d, nil); err != nil {
					t.Fatal(err)
				}
				if len(executed) == 0 || status.Managed == 0 {
					t.Fatalf("executed %+v, still managed %d", executed, status.Managed)
				}
				w.wantAccounts(map[job.DestroyPolicy][]string{
					job.DestroyDisable: {stranger, "ada@example.com active=True department=Sales", "bob@example.com active=False department=Sales",
						"cyn@example.com active=False department=HR", "dan@example.com active=True department=Sales", "group staff [ada@example.com bob@example.com]"},
					job.DestroyDelete: {stranger, "ada@example.com active=True department=Sales",
						"cyn@example.com active=False department=HR", "dan@example.com active=True department=Sales", "group staff [ada@example.com]"},
				}[policy]...)
				if _, err := w.retire(d, policy); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
