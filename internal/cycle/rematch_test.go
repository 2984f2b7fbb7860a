package cycle_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// hands is a world whose target somebody changes by hand, in memory or behind HTTP.
type hands struct {
	*world
	wiki *wire // nil in memory
}

// byHands runs a test against the target in memory, and against the application of the quickstart over HTTP.
func byHands(t *testing.T, test func(t *testing.T, h hands)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, hands{world: newWorld(t)})
	})
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		h := hands{newWorld(t), newWire(t)}
		h.wiki.connect(h.world, 4)
		test(t, h)
	})
}

// definition is a job for the target: the two spell one attribute differently.
func (h hands) definition() job.Definition {
	if h.wiki != nil {
		return wireDefinition()
	}
	return definition(withGroups)
}

// remove deletes an account or group, by its name.
func (h hands) remove(names ...string) {
	h.t.Helper()
	for _, name := range names {
		objectType, anchor := h.find(name)
		if h.wiki == nil {
			h.target.Remove(objectType, anchor)
			continue
		}
		if answer := h.wiki.ask(http.MethodDelete, "/"+endpoints[objectType]+"/"+string(anchor), ""); answer.Code != http.StatusNoContent {
			h.t.Fatalf("delete %s: %d", name, answer.Code)
		}
	}
}

var endpoints = map[directory.ObjectType]string{directory.User: "Users", directory.Group: "Groups"}

func (h hands) find(name string) (directory.ObjectType, directory.Anchor) {
	h.t.Helper()
	if h.wiki == nil {
		for _, entry := range h.target.State() {
			if entry.Attributes["userName"].String() == name || entry.Attributes["displayName"].String() == name {
				return entry.Type, entry.Anchor
			}
		}
	} else {
		for _, user := range h.wiki.app.Users() {
			if user.UserName == name {
				return directory.User, directory.Anchor(user.ID)
			}
		}
		for _, group := range h.wiki.app.Groups() {
			if group.DisplayName == name {
				return directory.Group, directory.Anchor(group.ID)
			}
		}
	}
	h.t.Fatalf("nobody is called %s", name)
	return "", ""
}

// make makes an account that the job knows nothing about.
func (h hands) make(name, department string) {
	if h.wiki != nil {
		h.wiki.post(name, department)
		return
	}
	h.target.Put(account("by-hand-"+name, name, department))
}

func (h hands) want(want ...string) {
	h.t.Helper()
	got := ""
	if h.wiki == nil {
		got = h.accounts()
	} else {
		got = h.wiki.wiki()
	}
	slices.Sort(want)
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		h.t.Fatalf("accounts (-want +got):\n%s", diff)
	}
}

// healed expects that a cycle left nothing to do and nothing failed, and that the log names those whose accounts were gone.
func (h hands) healed(report cycle.Report, created int64, names ...string) {
	h.t.Helper()
	if report.FailureCount != 0 || report.Cycle.Counts.Created != created {
		h.t.Errorf("failures %+v, counts %+v; want %d created", report.Failures, report.Cycle.Counts, created)
	}
	if left := h.escrows(); len(left) > 0 {
		h.t.Errorf("left to be tried again: %+v", left)
	}
	h.settled(h.definition())
	var told []string
	for _, record := range h.log(store.LogQuery{}) {
		if record.ErrorCode == "InvalidAnchor" && record.Status == provlog.StatusWarning && record.CycleID == report.Cycle.ID {
			told = append(told, record.SourceName)
		}
	}
	slices.Sort(told)
	if diff := cmp.Diff(names, told); diff != "" {
		h.t.Errorf("gone, says the log (-want +got):\n%s", diff)
	}
}

// TestMemberDeletedByHandIsMatchedInTheSameCycle: a target refuses a member whose account somebody deleted. The account is made
// again at once, and is in all its groups.
func TestMemberDeletedByHandIsMatchedInTheSameCycle(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		h.source.Put(person("ada", "Sales", managedBy("bob")), person("bob", "Sales"), group("staff", "ada", "bob"), group("club"), group("choir", "bob"))
		h.commit(h.definition())
		h.remove("bob@example.com")
		h.source.Put(group("club", "ada", "bob"))
		report := h.run()
		h.want("ada@example.com active=True department=Sales manager=bob@example.com", "bob@example.com active=True department=Sales",
			"group staff [ada@example.com bob@example.com]", "group club [ada@example.com bob@example.com]", "group choir [bob@example.com]")
		h.healed(report, 1, "bob@example.com")
	})
}

// TestMemberMadeAnewByHandIsLinked: somebody deleted an account and made it again. It is found, not made a third time.
func TestMemberMadeAnewByHandIsLinked(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		h.source.Put(person("ada", "Sales"), person("bob", "Sales"), group("staff", "ada", "bob"), group("club"))
		h.commit(h.definition())
		h.remove("bob@example.com")
		h.make("bob@example.com", "Sales")
		h.source.Put(group("club", "bob"))
		report := h.run()
		h.want("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales",
			"group staff [ada@example.com bob@example.com]", "group club [bob@example.com]")
		h.healed(report, 0, "bob@example.com")
	})
}

// TestManyMembersDeletedByHand: more members are refused than a connector tries one by one.
func TestManyMembersDeletedByHand(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		var want, names []string
		var anchors []directory.Anchor
		for i := range 24 {
			id := fmt.Sprintf("p%02d", i)
			h.source.Put(person(id, "Sales"))
			anchors, names = append(anchors, directory.Anchor(id)), append(names, id+"@example.com")
			want = append(want, id+"@example.com active=True department=Sales")
		}
		h.source.Put(group("club"))
		h.commit(h.definition())
		h.remove(names[:20]...)
		h.source.Put(group("club", anchors...))
		report := h.run()
		h.want(append(want, "group club ["+strings.Join(names, " ")+"]")...)
		h.healed(report, 20, names[:20]...)
	})
}

// TestLeaverDeletedByHandIsNotMadeAgain: nobody who is out of scope gets an account for having been a member.
func TestLeaverDeletedByHandIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		h.source.Put(person("ada", "Sales"), person("bob", "Sales"), group("club"))
		h.commit(h.definition())
		h.source.Put(person("bob", "Sales", disabled))
		h.commit(h.definition())
		h.remove("bob@example.com")
		h.source.Put(group("club", "ada", "bob"))
		report := h.run()
		h.want("ada@example.com active=True department=Sales", "group club [ada@example.com]")
		h.healed(report, 0, "bob@example.com")
	})
}

// TestManagerDeletedByHandIsMatchedInTheSameCycle: the same, for somebody whom a reference names, and for who holds it.
func TestManagerDeletedByHandIsMatchedInTheSameCycle(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		h.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"), person("dan", "Sales"), group("staff", "ada", "cyn"))
		h.commit(h.definition())
		h.remove("ada@example.com", "cyn@example.com")
		h.source.Put(person("bob", "Sales", managedBy("ada")), person("cyn", "Sales", managedBy("dan")))
		report := h.run()
		h.want("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales manager=ada@example.com",
			"cyn@example.com active=True department=Sales manager=dan@example.com", "dan@example.com active=True department=Sales",
			"group staff [ada@example.com cyn@example.com]")
		h.healed(report, 2, "ada@example.com", "cyn@example.com")
	})
}

// TestGroupDeletedByHandIsMatchedInTheSameCycle: the group is made again with everybody who is in it.
func TestGroupDeletedByHandIsMatchedInTheSameCycle(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		h.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"), group("staff", "ada", "bob"))
		h.commit(h.definition())
		h.remove("staff", "bob@example.com")
		h.source.Put(group("staff", "ada", "bob", "cyn"))
		report := h.run()
		h.want("ada@example.com active=True department=Sales", "bob@example.com active=True department=Sales",
			"cyn@example.com active=True department=Sales", "group staff [ada@example.com bob@example.com cyn@example.com]")
		h.healed(report, 2, "bob@example.com", "staff")
	})
}

// TestUpdateOfALostAccountAndCreateOfATakenNameMatchOnce: the two other ways in which a write finds out that a link or a search
// was wrong (scim-client.md 13). One search each, and what is found then is used.
func TestUpdateOfALostAccountAndCreateOfATakenNameMatchOnce(t *testing.T) {
	t.Parallel()
	byHands(t, func(t *testing.T, h hands) {
		h.source.Put(person("ada", "Sales"), person("bob", "Sales"))
		h.commit(h.definition())
		h.remove("ada@example.com", "bob@example.com")
		h.make("bob@example.com", "Sales")
		h.source.Put(person("ada", "HR"), person("bob", "HR"), person("eve", "HR"))
		inner := h.connector
		blind := &blindOnce{Connector: inner, name: "eve@example.com", then: func() { h.make("eve@example.com", "Kitchen") }}
		h.connector = blind
		report := h.run()
		h.connector = inner
		h.want("ada@example.com active=True department=HR", "bob@example.com active=True department=HR", "eve@example.com active=True department=HR")
		if c := report.Cycle.Counts; report.FailureCount != 0 || c.Created != 1 || c.Updated != 2 {
			t.Errorf("failures %+v, counts %+v", report.Failures, c)
		}
		if want := map[string]int{"ada@example.com": 1, "bob@example.com": 1, "eve@example.com": 2}; !cmp.Equal(blind.finds, want) {
			t.Errorf("searches %v, want %v", blind.finds, want)
		}
		h.settled(h.definition())
	})
}

// blindOnce finds nobody of a name when first asked; the account is made right after.
type blindOnce struct {
	connector.Connector
	name string
	then func()

	mu    sync.Mutex
	finds map[string]int
}

func (b *blindOnce) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	name, _ := query.Value.Text()
	if b.count(name) == 1 && name == b.name {
		b.then()
		return nil, nil
	}
	return b.Connector.Find(ctx, query)
}

// count returns how often a name was looked for; people of a page are matched side by side.
func (b *blindOnce) count(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.finds == nil {
		b.finds = map[string]int{}
	}
	b.finds[name]++
	return b.finds[name]
}

// TestTakenNameThatIsNotFoundIsKept: a create that met a conflict is looked for once and then kept as a failure.
func TestTakenNameThatIsNotFoundIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.target.Put(account("hidden", "eve@example.com", "Kitchen"))
	w.source.Put(person("eve", "Sales"))
	w.connector = hiding{w.target, "eve@example.com"}
	report := w.commit(definition())
	w.wantAccounts("eve@example.com active=True department=Kitchen")
	if calls := w.target.Calls(); report.FailureCount != 1 || calls.Create != 1 || w.escrow().Code != "Conflict" {
		t.Fatalf("failures %+v, calls %+v, kept %+v", report.Failures, calls, w.escrow())
	}
}

// hiding never finds somebody.
type hiding struct {
	connector.Connector
	name string
}

func (h hiding) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	if name, _ := query.Value.Text(); name == h.name {
		return nil, nil
	}
	return h.Connector.Find(ctx, query)
}

// TestAccountThatIsFoundAndNotThere: a target that finds an account, and neither knows it by its id nor takes it as a member, is
// asked once a cycle and reported.
func TestAccountThatIsFoundAndNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), group("club"))
	w.commit(definition(withGroups))
	w.source.Put(group("club", "ada"))
	w.connector = denying{w.target}
	w.target.ResetCalls()
	report := w.run()
	if calls := w.target.Calls(); report.FailureCount != 1 || report.Failures[0].Code != "MemberRefused" || calls.Find != 1 || calls.Create != 0 {
		t.Fatalf("failures %+v, calls %+v", report.Failures, calls)
	}
	w.connector = w.target
	w.run()
	w.wantAccounts("ada@example.com active=True department=Sales", "group club [ada@example.com]")
}

// denying knows no account by its id, and refuses every member.
type denying struct{ connector.Connector }

func (d denying) Get(_ context.Context, objectType directory.ObjectType, anchor directory.Anchor, _ []string) (connector.Account, error) {
	return connector.Account{}, directory.Errorf(directory.NotFound, "get %s %s: never heard of it", objectType, anchor)
}

func (d denying) Apply(ctx context.Context, operations []connector.Operation) []connector.Outcome {
	outcomes := make([]connector.Outcome, len(operations))
	for i, operation := range operations {
		if operation.Kind == connector.AddMembers {
			outcomes[i] = connector.Outcome{Target: operation.Target, Failed: operation.Members}
			continue
		}
		outcomes[i] = d.Connector.Apply(ctx, []connector.Operation{operation})[0]
	}
	return outcomes
}
