package cycle_test

import (
	"context"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// TestAccountsDeletedByHandBeforeAReference: the write of a reference or of members is what finds out that the account is
// gone. The object is matched again in the same cycle, and all is well without a change in the source.
func TestAccountsDeletedByHandBeforeAReference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(withGroups)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"), group("staff", "ada"), group("club", "bob"))
	w.commit(d)
	for _, entry := range w.target.State() {
		if name := entry.Attributes["userName"].String() + entry.Attributes["displayName"].String(); name == "nullstaff" || name == "bob@example.comnull" {
			w.target.Remove(entry.Type, entry.Anchor)
		}
	}
	w.source.Put(person("bob", "Sales", managedBy("ada")), group("staff", "ada", "bob"))
	if report := w.run(); report.FailureCount > 0 {
		t.Fatalf("%+v", report.Failures)
	}
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales manager=ada@example.com",
		"group club [bob@example.com]", "group staff [ada@example.com bob@example.com]")
	if left := w.escrows(); len(left) > 0 {
		t.Fatalf("left %+v", left)
	}
	w.settled(d)
}

// sameID answers creates of users with one and the same id.
type sameID struct{ connector.Connector }

func (s sameID) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := s.Connector.Apply(ctx, operations)
	for i, operation := range operations {
		if operation.Kind == connector.Create && operation.Type == directory.User {
			outcomes[i].Target = "same"
		}
	}
	return outcomes
}

// TestOneIDForTwoAccounts: an id that is told twice is believed for neither; both accounts are looked for.
func TestOneIDForTwoAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales", managedBy("ada")))
	w.connector = sameID{w.target}
	if report := w.commit(definition()); report.FailureCount > 0 {
		t.Fatalf("%+v", report.Failures)
	}
	w.connector = w.target
	w.source.Put(person("bob", "HR", managedBy("ada")))
	w.commit(definition())
	w.wantAccounts("ada@example.com active=True department=Sales", "bob@example.com active=True department=HR manager=ada@example.com")
}
