package connectortest

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Options say how to get the connector under test, and what it cannot do.
type Options struct {
	// New returns a connector to an empty target of its own.
	New func(t *testing.T) connector.Connector
	// Members returns what the target itself holds as members of a group, sorted. Connectors never read members.
	// Nil skips what needs it.
	Members func(t *testing.T, c connector.Connector, group directory.Anchor) []directory.Anchor
	// ListSize is how many accounts the tests of lists create; 0 means 230, more than two pages of 100.
	ListSize int

	// Names are the target's own names of the attributes the suite writes; nil: SCIM's.
	Names map[directory.ObjectType]map[string]string

	// EmptyIsNull: the target cannot hold an empty text.
	EmptyIsNull bool
	// TextOnly: the target keeps integers as text.
	TextOnly bool
	// KnownOnly: the target has only the attributes of Names, and they hold one value each.
	KnownOnly bool

	// NoGroups: the target has users only.
	NoGroups bool
	// NoUniqueness: the target accepts two users with one name.
	NoUniqueness bool
	// NoReferences: the target has no manager, or takes any text as one.
	NoReferences bool
	// AcceptsUnknownMembers: the target takes any anchor as a member.
	AcceptsUnknownMembers bool
	// UntypedRoles: the target refuses the type of a role.
	UntypedRoles bool
	// WholeElements: of an element of a list the target changes the value and nothing else, and it decorates what it is given.
	WholeElements bool
	// PlainNames: the target takes names in ASCII only.
	PlainNames bool
	// Trims: the target drops blanks around a text.
	Trims bool
	// Invents: attributes to which the target gives a value of its own when it is given none.
	Invents []string
	// AnyPath: the connector takes any text as an attribute path, because its target has flat attributes.
	AnyPath bool
}

// The attributes the suite writes.
const (
	userName   = "userName"
	display    = "displayName"
	workEmail  = `emails[type eq "work"].value`
	homeEmail  = `emails[type eq "home"].value`
	workFirst  = `emails[type eq "work"].primary`
	givenName  = "name.givenName"
	familyName = "name.familyName"
	department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
	manager    = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
)

// all are the attributes of a user the suite reads back.
func all() []string {
	return []string{userName, display, "externalId", "active", "title", givenName, familyName, workEmail, homeEmail, workFirst, department, manager}
}

// values are attributes by name.
type values = map[string]directory.Value

func text(s string) directory.Value { return directory.Text(s) }

// target drives one connector.
type target struct {
	t         *testing.T
	options   Options
	connector connector.Connector
}

func newTarget(t *testing.T, options Options) *target {
	t.Helper()
	c := options.New(t)
	if options.Names != nil {
		inner := options.Members
		if inner != nil {
			options.Members = func(t *testing.T, _ connector.Connector, group directory.Anchor) []directory.Anchor {
				return inner(t, c, group)
			}
		}
		return &target{t: t, options: options, connector: named{c, options.Names}}
	}
	return &target{t: t, options: options, connector: c}
}

// changes turns values into the sorted changes of an operation.
func changes(v values) []connector.Change {
	var made []connector.Change
	for attribute, value := range v {
		made = append(made, connector.Change{Attribute: attribute, Value: value, Reference: attribute == manager})
	}
	slices.SortFunc(made, func(a, b connector.Change) int { return cmp.Compare(a.Attribute, b.Attribute) })
	return made
}

// apply executes one operation.
func (x *target) apply(operation connector.Operation) connector.Outcome {
	x.t.Helper()
	outcomes := x.connector.Apply(x.t.Context(), []connector.Operation{operation})
	if len(outcomes) != 1 {
		x.t.Fatalf("one operation has %d outcomes", len(outcomes))
	}
	return outcomes[0]
}

// do executes one operation that must succeed.
func (x *target) do(operation connector.Operation) directory.Anchor {
	x.t.Helper()
	outcome := x.apply(operation)
	if outcome.Err != nil || len(outcome.Failed) > 0 || outcome.Warning != "" {
		x.t.Fatalf("%s: error %v, failed %v, warning %q", operation.Kind, outcome.Err, outcome.Failed, outcome.Warning)
	}
	if outcome.Target == "" || operation.Target != "" && outcome.Target != operation.Target {
		x.t.Fatalf("%s of %q has the outcome of %q", operation.Kind, operation.Target, outcome.Target)
	}
	return outcome.Target
}

func (x *target) create(objectType directory.ObjectType, v values) directory.Anchor {
	x.t.Helper()
	return x.do(connector.Operation{ID: "create", Kind: connector.Create, Type: objectType, Changes: changes(v)})
}

// update writes v on top of what the account holds now.
func (x *target) update(anchor directory.Anchor, v values) {
	x.t.Helper()
	x.do(connector.Operation{ID: "update", Kind: connector.Update, Type: directory.User, Target: anchor,
		Changes: changes(v), Current: x.get(directory.User, anchor, all()...)})
}

func (x *target) get(objectType directory.ObjectType, anchor directory.Anchor, attributes ...string) values {
	x.t.Helper()
	account, err := x.connector.Get(x.t.Context(), objectType, anchor, attributes)
	if err != nil {
		x.t.Fatalf("get %s %s: %v", objectType, anchor, err)
	}
	if account.Anchor != anchor || account.Type != objectType {
		x.t.Fatalf("get %s %s returns %s %s", objectType, anchor, account.Type, account.Anchor)
	}
	return account.Attributes
}

func (x *target) find(attribute, value string) []directory.Anchor {
	x.t.Helper()
	found, err := x.connector.Find(x.t.Context(), connector.Query{Type: directory.User, Attribute: attribute, Value: text(value)})
	if err != nil {
		x.t.Fatalf("find %s %q: %v", attribute, value, err)
	}
	var anchors []directory.Anchor
	for _, account := range found {
		anchors = append(anchors, account.Anchor)
	}
	return anchors
}

func (x *target) wantAnchors(what string, got []directory.Anchor, want ...directory.Anchor) {
	x.t.Helper()
	if !slices.Equal(got, want) {
		x.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (x *target) wantUser(anchor directory.Anchor, want values) {
	x.t.Helper()
	got := x.get(directory.User, anchor, all()...)
	for _, attribute := range x.options.Invents {
		if _, wanted := want[attribute]; !wanted {
			delete(got, attribute)
		}
	}
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		x.t.Errorf("user %s (-want +got):\n%s", anchor, diff)
	}
}

func (x *target) wantKind(what string, err error, want directory.ErrorKind) {
	x.t.Helper()
	if directory.KindOf(err) != want {
		x.t.Errorf("%s: got %q error (%v), want %q", what, directory.KindOf(err), err, want)
	}
}

// exact reports whether an attribute is compared with regard to case.
func (x *target) exact(attribute string) bool {
	return slices.ContainsFunc(x.connector.Capabilities().ExactAttributes, func(name string) bool { return strings.EqualFold(name, attribute) })
}

// otherCase is another spelling of a value that the target takes for the same.
func (x *target) otherCase(attribute, value string) string {
	if x.exact(attribute) {
		return value
	}
	return strings.ToUpper(value)
}
