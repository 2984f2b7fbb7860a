package connectortest

import (
	"cmp"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The multi-valued attributes the suite writes, as lists of texts and of records.
const (
	emails = "emails"
	roles  = "roles"
)

func list(elements ...directory.Value) directory.Value { return directory.List(elements...) }

// role is what the role functions make of an assignment (mappings-and-scoping.md 9.1).
func (x *target) role(value, name string) directory.Value {
	fields := values{"value": text(value), "display": text(name), "type": text("WindowsAzureActiveDirectoryRole"), "primary": directory.Boolean(false)}
	if x.options.UntypedRoles {
		delete(fields, "type")
	}
	return directory.Record(fields)
}

// wantLists compares lists without regard to order, which targets do not keep.
func (x *target) wantLists(what string, anchor directory.Anchor, want values) {
	x.t.Helper()
	sorted := cmpopts.AcyclicTransformer("sorted", func(v directory.Value) []string {
		var elements []string
		for _, element := range v.Elements() {
			elements = append(elements, element.Kind().String()+" "+element.String())
		}
		slices.SortFunc(elements, cmp.Compare[string])
		return elements
	})
	if diff := gocmp.Diff(want, x.get(directory.User, anchor, emails, roles), sorted, cmpopts.EquateEmpty()); diff != "" {
		x.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	// What comes back is in canonical form, so that it can be compared with what is wanted.
	for attribute, value := range x.get(directory.User, anchor, emails, roles) {
		if again, err := x.connector.Canonical(directory.User, attribute, value); err != nil || !again.Equal(value) {
			x.t.Errorf("%s: %s comes back as %s, whose canonical form is %s (%v)", what, attribute, value, again, err)
		}
	}
}

func testLists(x *target) {
	two := list(text("a@one.example"), text("b@two.example"))
	admin, reader, writer := x.role("admin", "Administrator"), x.role("reader", "Reader"), x.role("writer", "Writer")
	anchor := x.create(directory.User, values{userName: text("ada"), emails: two, roles: list(admin, reader)})
	other := x.create(directory.User, values{userName: text("bob"), emails: list(text("bob@one.example"))})
	x.wantLists("created", anchor, values{emails: two, roles: list(admin, reader)})
	for _, step := range []struct {
		what        string
		write, want values
	}{
		{"one list is replaced, the other stays", values{emails: list(text("c@one.example"))},
			values{emails: list(text("c@one.example")), roles: list(admin, reader)}},
		{"elements leave, stay and come", values{roles: list(writer, reader)}, values{emails: list(text("c@one.example")), roles: list(reader, writer)}},
		{"a list is cleared", values{emails: directory.Null()}, values{roles: list(reader, writer)}},
		{"what is not there is cleared", values{emails: directory.Null()}, values{roles: list(reader, writer)}},
		{"a list is set again", values{emails: two, roles: directory.Null()}, values{emails: two}},
	} {
		x.update(anchor, step.write)
		x.wantLists(step.what, anchor, step.want)
	}
	x.wantLists("the other account", other, values{emails: list(text("bob@one.example"))})
	// A list is replaced as a whole also when nothing is known of what is there.
	x.do(connector.Operation{ID: "blind", Kind: connector.Update, Type: directory.User, Target: anchor, Changes: changes(values{emails: list(text("d@one.example"))})})
	x.wantLists("replaced blindly", anchor, values{emails: list(text("d@one.example"))})
}

// adding are the changes that add elements.
func adding(v values) []connector.Change {
	made := changes(v)
	for i := range made {
		made[i].Add = true
	}
	return made
}

func testAdd(x *target) {
	a, b, c := text("a@one.example"), text("b@two.example"), text("c@three.example")
	admin, reader := x.role("admin", "Administrator"), x.role("reader", "Reader")
	anchor := x.create(directory.User, values{userName: text("ada")})
	for _, step := range []struct {
		what      string
		add, want values
	}{
		{"to nothing", values{emails: list(a), roles: list(admin)}, values{emails: list(a), roles: list(admin)}},
		{"to what is there", values{emails: list(b)}, values{emails: list(a, b), roles: list(admin)}},
		{"one that is there", values{emails: list(a)}, values{emails: list(a, b), roles: list(admin)}},
		{"one that is there and a new one", values{emails: list(b, c), roles: list(admin, reader)}, values{emails: list(a, b, c), roles: list(admin, reader)}},
		{"nothing", values{emails: directory.Null()}, values{emails: list(a, b, c), roles: list(admin, reader)}},
	} {
		x.do(connector.Operation{ID: step.what, Kind: connector.Update, Type: directory.User, Target: anchor,
			Changes: adding(step.add), Current: x.get(directory.User, anchor, emails, roles)})
		x.wantLists("add "+step.what, anchor, step.want)
	}
}

// testAddAgain repeats a write whose answer was lost: what is known of the account is older than the account.
func testAddAgain(x *target) {
	a, b := text("a@one.example"), text("b@two.example")
	admin, reader := x.role("admin", "Administrator"), x.role("reader", "Reader")
	for name, current := range map[string]values{
		"ada": {emails: list(a), roles: list(admin)},
		"bob": nil,
	} {
		anchor := x.create(directory.User, values{userName: text(name), emails: list(a), roles: list(admin)})
		operation := connector.Operation{ID: name, Kind: connector.Update, Type: directory.User, Target: anchor,
			Changes: adding(values{emails: list(a, b), roles: list(admin, reader)}), Current: current}
		for range 2 {
			x.do(operation)
			x.wantLists(name, anchor, values{emails: list(a, b), roles: list(admin, reader)})
		}
	}
}

func testAddRefused(x *target) {
	anchor := x.create(directory.User, values{userName: text("ada"), "active": directory.Boolean(true), workEmail: text("ada@work.example")})
	for attribute, value := range (values{"active": directory.Boolean(false), workEmail: text("other@work.example")}) {
		outcome := x.apply(connector.Operation{ID: "add", Kind: connector.Update, Type: directory.User, Target: anchor,
			Changes: adding(values{attribute: value})})
		x.wantKind("add to "+attribute+", which takes one value", outcome.Err, directory.Invalid)
	}
	x.wantUser(anchor, values{userName: text("ada"), "active": directory.Boolean(true), workEmail: text("ada@work.example")})
	outcome := x.apply(connector.Operation{ID: "add", Kind: connector.Update, Type: directory.User, Target: "no-such-account",
		Changes: adding(values{emails: list(text("a@one.example"))})})
	x.wantKind("add to an account that is not there", outcome.Err, directory.NotFound)
}
