package cycle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// TestApprovalIsForWhatWasShown: a disable that became a delete between list and approval is not approved as one.
func TestApprovalIsForWhatWasShown(t *testing.T) {
	t.Parallel()
	w, d := crew(t, job.Limits{MaxDisable: new(int64), MaxDelete: new(int64)}, "ada", "bob")
	w.put("HR", "ada", "bob")
	w.run()
	w.wantStaged("disable ada", "disable bob")
	shown := func(action engine.Action, ids ...string) cycle.DecideRequest {
		request := cycle.DecideRequest{JobID: d.ID, Ruling: engine.Approved}
		for _, id := range ids {
			request.Choices = append(request.Choices, cycle.StagedChoice{Subject: cycle.Subject{Type: directory.User, ID: id}, Action: action})
		}
		return request
	}
	w.source.Remove(directory.User, "ada")
	if _, err := runOnce(t.Context(), w, cycle.RunRequest{JobID: d.ID, Force: true}); err != nil {
		t.Fatal(err)
	}
	w.wantStaged("delete ada", "disable bob")
	_, err := w.engine.DecideStaged(t.Context(), shown(engine.Disable, "ada", "bob"))
	if !errors.Is(err, directory.Conflict) || !strings.Contains(err.Error(), "what waits for user ada is a delete") || strings.Contains(err.Error(), "bob") {
		t.Fatalf("got %v", err)
	}
	w.wantStaged("delete ada", "disable bob")
	if n, err := w.engine.DecideStaged(t.Context(), shown(engine.Disable, "bob")); err != nil || n != 1 {
		t.Fatalf("decided %d, %v", n, err)
	}
	if n, err := w.engine.DecideStaged(t.Context(), shown(engine.Delete, "ada")); err != nil || n != 1 {
		t.Fatalf("decided %d, %v", n, err)
	}
	w.run()
	w.wantAccounts("bob@example.com active=False department=Sales")
}
