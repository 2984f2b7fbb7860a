package cycle_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/cycle"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// mapping adds an attribute to the usual user mapping.
func mapping(target, expression string, change ...func(*job.AttributeMapping)) func(*job.Definition) {
	return func(d *job.Definition) {
		a := job.AttributeMapping{Target: target, Expression: expression, FlowType: job.FlowAlways}
		for _, c := range change {
			c(&a)
		}
		d.Mappings[0].Attributes = append(slices.Clone(d.Mappings[0].Attributes), a)
	}
}

func flowing(flowType job.FlowType) func(*job.AttributeMapping) {
	return func(a *job.AttributeMapping) { a.FlowType = flowType }
}

func having(name string, value directory.Value) func(*directory.Object) {
	return func(o *directory.Object) { o.Attributes[name] = value }
}

func texts(all ...string) directory.Value {
	elements := make([]directory.Value, len(all))
	for i, text := range all {
		elements[i] = directory.Text(text)
	}
	return directory.List(elements...)
}

// values renders one attribute of all users: "name=value", sorted.
func (w *world) values(attribute string) string {
	var all []string
	for _, entry := range w.target.State() {
		name, _, _ := strings.Cut(entry.Attributes["userName"].String(), "@")
		all = append(all, name+"="+entry.Attributes[attribute].String())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (w *world) wantValues(attribute, want string) {
	w.t.Helper()
	if got := w.values(attribute); got != want {
		w.t.Fatalf("%s: got %s, want %s", attribute, got, want)
	}
}

// settled checks that a plan right after an apply is empty.
func (w *world) settled(d job.Definition) {
	w.t.Helper()
	if after := w.preview(d); after.Changes != (cycle.Changes{}) || len(after.Affected) > 0 {
		w.t.Fatalf("a plan right after an apply is not empty: %+v", after.Changes)
	}
}

// Two new people of one page want the same name, and somebody in the target has it already (expressions.md 4.6).
func TestUniqueValuesAreUnique(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(mapping("nickName", `SelectUniqueValue([alias], Append([alias], "1"), Append([alias], "2"))`, flowing(job.FlowObjectAddOnly)))
	alias := having("alias", directory.Text("kim"))
	stranger := account("stranger", "zed@example.com", "Kitchen")
	stranger.Attributes["nickName"] = directory.Text("Kim")
	w.target.Put(stranger)
	w.source.Put(person("kim1", "Sales", alias), person("kim2", "Sales", alias), person("kim3", "Sales", alias), person("lee", "Sales", having("alias", directory.Text("lee"))))
	before := w.target.Calls().Find
	if shown := w.preview(d); shown.Changes.Creates != 4 || shown.Changes.Failures != 0 || w.target.Calls().Find != before {
		t.Fatalf("a preview asks the target, or knows too much: %+v", shown.Changes)
	}
	report := w.commit(d)
	w.wantValues("nickName", "kim1=kim1 kim2=kim2 lee=lee zed=Kim")
	if report.FailureCount != 1 || report.Failures[0].Code != "NoUniqueValue" || report.Failures[0].Name != "kim3@example.com" {
		t.Fatalf("failures %+v", report.Failures)
	}
	escrow, err := w.store.ListEscrow(t.Context(), "wiki/main", store.LinkKey{}, 10)
	if err != nil || len(escrow) != 1 || escrow[0].Code != "NoUniqueValue" {
		t.Fatalf("escrow %+v, %v", escrow, err)
	}
	// An account whose name is its own is no reason to look again.
	w.source.Put(person("kim1", "HR", alias), person("kim3", "Sales", having("alias", directory.Text("kay"))))
	if report := w.commit(d); report.FailureCount != 0 {
		t.Fatalf("failures %+v", report.Failures)
	}
	w.wantValues("nickName", "kim1=kim1 kim2=kim2 kim3=kay lee=lee zed=Kim")
	w.settled(d)
}

// silent is a target that does not answer searches by one attribute.
type silent struct {
	connector.Connector
	attribute string
	err       error
}

func (s silent) Find(ctx context.Context, query connector.Query) ([]connector.Account, error) {
	if query.Attribute == s.attribute {
		return nil, s.err
	}
	return s.Connector.Find(ctx, query)
}

// A target that cannot say whether a value is taken fails the object with its own code; one that refuses the credentials,
// or answers nobody, stops the cycle.
func TestUniqueValuesWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   directory.ErrorKind
		people int
		code   string // of every failure, or
		stops  string
	}{
		{directory.Unsupported, 12, "NotImplemented", ""},
		{directory.Transient, 3, "InternalServerError", ""},
		{directory.Transient, 12, "", "none of 11 searches in a row was answered"},
		{directory.Unauthorised, 1, "", "no answer"},
	} {
		t.Run(fmt.Sprintf("%s %d", c.kind, c.people), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connector = silent{w.target, "nickName", directory.Errorf(c.kind, "no answer")}
			for i := range c.people {
				w.source.Put(person(fmt.Sprintf("p%d", i), "Sales", having("alias", directory.Text("x"))))
			}
			d := definition(mapping("nickName", `SelectUniqueValue([alias], Append([alias], "1"))`, flowing(job.FlowObjectAddOnly)))
			report, err := w.tryCommit(t.Context(), d, nil)
			if c.stops != "" {
				if err == nil || !strings.Contains(err.Error(), c.stops) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil || report.FailureCount != int64(c.people) || report.Failures[0].Code != c.code || len(w.target.State()) != 0 {
				t.Fatalf("%+v, %v", report.Failures, err)
			}
		})
	}
}

// What others have put into the target stays, what is missing is added, and what leaves the source stays too.
func TestAdditionsLeaveWhatIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(mapping("tags", "[tags]", flowing(job.FlowMultiValueAddOnly)))
	old := account("old-ada", "ada@example.com", "Sales")
	old.Attributes["tags"] = texts("theirs")
	w.target.Put(old)
	w.source.Put(person("ada", "Sales", having("tags", texts("a", "Theirs"))), person("bob", "Sales", having("tags", texts("b"))))
	w.commit(d)
	w.wantValues("tags", "ada=[theirs, a] bob=[b]")
	w.settled(d)
	w.source.Put(person("ada", "Sales", having("tags", texts("c"))), person("bob", "Sales"))
	if shown := w.preview(d); shown.Changes.Updates != 1 {
		t.Fatalf("%+v", shown.Changes)
	}
	w.commit(d)
	w.wantValues("tags", "ada=[theirs, a, c] bob=[b]")
	w.settled(d)
	records, err := w.store.ListLog(t.Context(), "wiki/main", 1)
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	if got, want := fmt.Sprintf("%+v", records[0].Modified), "[{DisplayName:tags OldValue:[theirs, a] NewValue:[theirs, a, c]}]"; got != want {
		t.Errorf("log: got %s, want %s", got, want)
	}
}

// An emptied source clears the target when both switches are on (mappings-and-scoping.md 3.3), and only then.
func TestEmptiedValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(mapping("title", "[jobTitle]", func(a *job.AttributeMapping) { a.FlowNullValues = true }), mapping("nickName", "[alias]"), func(d *job.Definition) {
		d.Mappings[0].SourceAttributes = []job.SourceAttribute{{Name: "jobTitle", FlowNullValues: true}}
	})
	full := []func(*directory.Object){having("jobTitle", directory.Text("Clerk")), having("alias", directory.Text("ada"))}
	w.source.Put(person("ada", "Sales", full...), person("bob", "Sales", full...))
	w.commit(d)
	w.source.Put(person("ada", "Sales"))
	w.commit(d)
	w.wantValues("title", "ada=null bob=Clerk")
	w.wantValues("nickName", "ada=ada bob=ada")
	w.settled(d)
}

// Without a required value there is no account; the others are provisioned, and the account comes with the value.
func TestRequiredValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(mapping("title", "[jobTitle]"), func(d *job.Definition) {
		nobody := "nobody"
		d.Mappings[0].TargetAttributes = []job.TargetAttribute{{Name: "nickName", Required: true, DefaultValue: &nobody}, {Name: "title", Required: true}}
	})
	clerk := having("jobTitle", directory.Text("Clerk"))
	w.source.Put(person("ada", "Sales"), person("bob", "Sales", clerk))
	if report := w.commit(d); report.FailureCount != 1 || report.Failures[0].Code != "MandatoryFieldsMissing" {
		t.Fatalf("%+v", report.Failures)
	}
	w.wantValues("nickName", "bob=nobody")
	w.source.Put(person("ada", "Sales", clerk))
	w.commit(d)
	w.wantValues("title", "ada=Clerk bob=Clerk")
	w.settled(d)
}

// A generated password is written once, and nobody reads it.
func TestGeneratedPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(mapping("initial", `Redact(RandomString(16, 2, 2, 2, 2))`, flowing(job.FlowObjectAddOnly)))
	w.source.Put(person("ada", "Sales"))
	if report := w.commit(d); report.FailureCount != 1 {
		t.Fatalf("without a source of randomness: %+v", report)
	}
	w.engine.Random = rand.Reader
	w.commit(d)
	password, _ := w.target.State()[0].Attributes["initial"].Text()
	records, err := w.store.ListLog(t.Context(), "wiki/main", 10)
	if err != nil || len(password) != 16 || strings.Contains(fmt.Sprintf("%+v", records), password) {
		t.Fatalf("password of %d characters, %v, log %+v", len(password), err, records)
	}
	w.settled(d)
	w.source.Put(person("ada", "HR"))
	w.commit(d)
	w.wantValues("initial", "ada="+password)
}

// The default mapping needs nothing from a source but the matching attribute; what the configuration itself names must be
// there, and what expressions need of the job too.
func TestDefaultMapping(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(func(d *job.Definition) {
		d.Mappings[0].Preset, d.Mappings[0].Attributes, d.Mappings[0].Exclude = job.PresetEntra, nil, []string{"name.formatted"}
	})
	w.source.Put(person("ada", "Sales"), person("bob", "Sales", managedBy("ada")))
	w.commit(d)
	want := map[string]directory.Value{
		"userName": directory.Text("bob@example.com"), "active": directory.Boolean(true), managerAttribute: directory.Text("user-1"),
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": directory.Text("Sales"),
	}
	if diff := cmp.Diff(want, w.target.State()[1].Attributes); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	w.settled(d)
	mapping("title", `Append([position], DefaultDomain())`)(&d)
	_, err := w.tryCommit(t.Context(), d, nil)
	if err == nil || !strings.Contains(err.Error(), "DefaultDomain() needs the default_domain of source people") {
		t.Fatalf("got %v", err)
	}
	d.Source.DefaultDomain = "example.com"
	if _, err = w.tryCommit(t.Context(), d, nil); err == nil || !strings.Contains(err.Error(), "[position]") {
		t.Fatalf("got %v", err)
	}
}

// What flows in every update goes along with one, and no object is updated for it.
func TestFlowAlwaysGoesAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := definition(mapping("title", "[jobTitle]", func(a *job.AttributeMapping) { a.FlowBehavior = job.FlowInEveryUpdate }))
	clerk := having("jobTitle", directory.Text("Clerk"))
	w.source.Put(person("ada", "Sales", clerk), person("bob", "Sales", clerk))
	w.commit(d)
	w.settled(d)
	ada := account("user-1", "ada@example.com", "Sales")
	ada.Attributes["title"], ada.Attributes["active"] = directory.Text("changed by hand"), directory.Boolean(true)
	w.target.Put(ada)
	w.source.Put(person("ada", "HR", clerk))
	w.commit(d)
	w.wantValues("title", "ada=Clerk bob=Clerk")
}

// A mapping for accounts without a value that came after the accounts looks before it writes; then it knows.
func TestMappingsForEmptyAttributesLookFirst(t *testing.T) {
	t.Parallel()
	none := "none"
	for name, added := range map[string]func(*job.Definition){
		"none":             mapping("title", "", func(a *job.AttributeMapping) { a.DefaultValue = &none }),
		"if empty":         mapping("title", `"none"`, flowing(job.FlowAttributeAddOnly)),
		"if empty, others": mapping("title", `Append("no", "ne")`, flowing(job.FlowAttributeAddOnly)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.source.Put(person("ada", "Sales"), person("bob", "Sales"), person("cyn", "Sales"))
			w.commit(definition())
			ada := account("user-1", "ada@example.com", "Sales")
			ada.Attributes["title"], ada.Attributes["active"] = directory.Text("theirs"), directory.Boolean(true)
			w.target.Put(ada)
			d := definition(added)
			before := w.target.Calls().Get
			if w.preview(d); w.target.Calls().Get != before {
				t.Fatal("a preview reads the target")
			}
			w.commit(d)
			w.wantValues("title", "ada=theirs bob=none cyn=none")
			w.settled(d)
			w.source.Put(person("ada", "HR"))
			read := w.target.Calls().Get
			w.commit(d)
			w.wantValues("title", "ada=theirs bob=none cyn=none")
			w.settled(d)
			if w.target.Calls().Get != read {
				t.Error("it looks again")
			}
		})
	}
}

// Whoever leaves is disabled, although a mapping that depends on it is only for accounts without a value and the account has one.
func TestLookingFirstKeepsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), group("staff", "ada"))
	farewell := mapping("nickName", `IIF([IsSoftDeleted], "gone", "here")`, flowing(job.FlowAttributeAddOnly))
	assigned := assignedTo(false, "staff")
	w.commit(assigned)
	ada := account("user-1", "ada@example.com", "Sales")
	ada.Attributes["nickName"], ada.Attributes["active"] = directory.Text("theirs"), directory.Boolean(true)
	w.target.Put(ada)
	farewell(&assigned)
	w.source.Put(group("staff"))
	report := w.commit(assigned)
	if got := w.active(); got != "ada(off)" || len(report.Executed) != 1 {
		t.Errorf("accounts %q, executed %+v", got, report.Executed)
	}
	w.wantValues("nickName", "ada=theirs")
}

// unreadable is a target that does not show its accounts.
type unreadable struct {
	connector.Connector
	err error
}

func (u unreadable) Get(context.Context, directory.ObjectType, directory.Anchor, []string) (connector.Account, error) {
	return connector.Account{}, u.err
}

// What cannot be read is not overwritten.
func TestMappingsForEmptyAttributesThatCannotLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.source.Put(person("ada", "Sales"), person("bob", "Sales"))
	w.commit(definition())
	d := definition(mapping("title", `"none"`, flowing(job.FlowAttributeAddOnly)))
	w.connector = unreadable{w.target, directory.Errorf(directory.Transient, "no answer")}
	if report := w.commit(d); report.FailureCount != 2 || report.Failures[0].Code != "InternalServerError" {
		t.Fatalf("%+v", report.Failures)
	}
	w.wantValues("title", "ada=null bob=null")
	w.connector = unreadable{w.target, directory.Errorf(directory.Unauthorised, "who are you")}
	if _, err := w.tryCommit(t.Context(), d, nil); err == nil || !strings.Contains(err.Error(), "who are you") {
		t.Fatalf("got %v", err)
	}
	w.connector = w.target
	w.commit(d)
	w.wantValues("title", "ada=none bob=none")
	w.settled(d)
}

// A process killed anywhere while it clears, adds, fills and sets, with a source that has moved on before anybody goes on:
// the target ends as the source says, and what others put there stays.
func TestKilledWhileMapping(t *testing.T) {
	t.Parallel()
	none := "none"
	d := definition(mapping("title", "[jobTitle]", func(a *job.AttributeMapping) { a.FlowNullValues = true }),
		mapping("tags", "[tags]", flowing(job.FlowMultiValueAddOnly)), mapping("note", "", func(a *job.AttributeMapping) { a.DefaultValue = &none }),
		mapping("nickName", `SelectUniqueValue([alias], Append([alias], "1"), Append([alias], "2"))`, flowing(job.FlowObjectAddOnly)),
		func(d *job.Definition) {
			d.Mappings[0].SourceAttributes = []job.SourceAttribute{{Name: "jobTitle", FlowNullValues: true}}
		})
	titled := func(id, title string, tags ...string) directory.Object {
		o := person(id, "Sales", having("tags", texts(tags...)), having("alias", directory.Text("x")))
		if title != "" {
			o.Attributes["jobTitle"] = directory.Text(title)
		}
		return o
	}
	for kind, step := range map[string]int64{"write": 1, "record": stride()} {
		for cut := int64(1); ; cut += step {
			w := newWorld(t)
			old := account("old-ada", "ada@example.com", "Sales")
			old.Attributes["tags"], old.Attributes["title"] = texts("theirs"), directory.Text("Boss")
			w.target.Put(old)
			w.source.Put(titled("ada", "Clerk", "a"), titled("bob", "", "b"))
			w.commit(d)
			doom := &fate{kind: kind}
			doom.left.Store(cut)
			w.process(doom, 1)
			w.source.Put(titled("ada", "", "b"), titled("bob", "Cook", "c"), titled("cyn", "Clerk", "a"))
			if _, err := w.tryCommit(t.Context(), d, nil); !doom.dead.Load() {
				if err != nil || cut <= 3 {
					t.Fatalf("%s, cut %d: nobody was killed, %v", kind, cut, err)
				}
				break
			}
			w.process(nil, 500)
			w.source.Put(titled("ada", "Clerk", "b"), titled("bob", "", "c"))
			if report := w.commit(d); report.FailureCount > 0 {
				t.Fatalf("%s, cut %d: %+v", kind, cut, report.Failures)
			}
			w.wantValues("title", "ada=Clerk bob=null cyn=Clerk")
			w.wantValues("note", "ada=none bob=none cyn=none")
			w.wantValues("nickName", "ada=null bob=x cyn=x1")
			for _, entry := range w.target.State() {
				for _, must := range map[directory.Anchor][]string{"old-ada": {"theirs", "a", "b"}}[entry.Anchor] {
					if !slices.ContainsFunc(entry.Attributes["tags"].Elements(), directory.Text(must).Equal) {
						t.Fatalf("%s, cut %d: tags %s", kind, cut, entry.Attributes["tags"])
					}
				}
			}
			w.settled(d)
			_ = w.store.Close()
		}
	}
}
