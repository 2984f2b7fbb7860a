package scim_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector/scim"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

var update = flag.Bool("update", false, "rewrite the requests in testdata/exchange")

// recording answers the n-th request with the file response-n, and collects what was asked.
type recording struct {
	t        *testing.T
	archive  *txtar.Archive
	requests []string
}

func (r *recording) RoundTrip(sent *http.Request) (*http.Response, error) {
	r.requests = append(r.requests, describe(r.t, sent))
	name := fmt.Sprintf("response-%d", len(r.requests))
	for _, file := range r.archive.Files {
		if file.Name == name {
			return parseResponse(r.t, sent, string(file.Data)), nil
		}
	}
	r.t.Errorf("%s is missing for\n%s", name, r.requests[len(r.requests)-1])
	return nil, io.ErrUnexpectedEOF
}

// describe prints a request the way the files hold it.
func describe(t *testing.T, sent *http.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", sent.Method, sent.URL.RequestURI())
	for _, name := range []string{"Authorization", "Accept", "Content-Type", "User-Agent", "ADSCIMVersion", "If-Match"} {
		if value := sent.Header.Get(name); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, strings.ReplaceAll(value, token, "<token>"))
		}
	}
	if sent.Body != nil && sent.Body != http.NoBody {
		body, err := io.ReadAll(sent.Body)
		if err != nil {
			t.Error(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			t.Errorf("the body of a request is not JSON: %v\n%s", err, body)
		}
		fmt.Fprintf(&b, "\n%s\n", &indented)
	}
	return b.String()
}

func parseResponse(t *testing.T, sent *http.Request, text string) *http.Response {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	status, err := strconv.Atoi(lines[0])
	if err != nil {
		t.Errorf("response begins with %q instead of a status", lines[0])
	}
	response := &http.Response{StatusCode: status, Header: http.Header{}, Request: sent, Body: io.NopCloser(strings.NewReader(body))}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		response.Header.Set(name, value)
	}
	return response
}

const (
	workEmail  = `emails[type eq "work"].value`
	department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
	manager    = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
	workStreet = `addresses[type eq "work"].streetAddress`
	desk       = "urn:example:acme:2.0:User:desk"
)

func text(s string) directory.Value { return directory.Text(s) }

func set(attribute string, value directory.Value) connector.Change {
	return connector.Change{Attribute: attribute, Value: value}
}

// role is a role in canonical form.
func role(value, name string) directory.Value {
	return directory.Record(values{"value": text(value), "display": text(name), "type": text("WindowsAzureActiveDirectoryRole"), "primary": directory.Boolean(false)})
}

func refer(attribute string, value directory.Value) connector.Change {
	return connector.Change{Attribute: attribute, Value: value, Reference: true}
}

type values = map[string]directory.Value

// apply executes one operation and prints what became of it.
func apply(operation connector.Operation) func(*testing.T, *scim.Connector) string {
	return func(t *testing.T, c *scim.Connector) string {
		outcome := c.Apply(t.Context(), []connector.Operation{operation})[0]
		return fmt.Sprintf("target %s error %v failed %v warning %q", outcome.Target, outcome.Err, outcome.Failed, outcome.Warning)
	}
}

func find(query connector.Query) func(*testing.T, *scim.Connector) string {
	return func(t *testing.T, c *scim.Connector) string {
		found, err := c.Find(t.Context(), query)
		return fmt.Sprintf("%s error %v", accountsText(found), err)
	}
}

func accountsText(accounts []connector.Account) string {
	var parts []string
	for _, account := range accounts {
		parts = append(parts, fmt.Sprintf("%s %s %s", account.Type, account.Anchor, directory.Record(account.Attributes)))
	}
	return "[" + strings.Join(parts, "; ") + "]"
}

func memberIDs(from, to int) []directory.Anchor {
	var ids []directory.Anchor
	for i := from; i < to; i++ {
		ids = append(ids, directory.Anchor(fmt.Sprintf("u%03d", i)))
	}
	return ids
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	user := func(kind connector.OperationKind, current values, changes ...connector.Change) func(*testing.T, *scim.Connector) string {
		operation := connector.Operation{ID: "c1", Kind: kind, Type: directory.User, Changes: changes, Current: current}
		if kind != connector.Create {
			operation.Target = "u/1"
		}
		return apply(operation)
	}
	for _, test := range []struct {
		name string
		run  func(*testing.T, *scim.Connector) string
		want string
	}{
		{"refused", user(connector.Update, values{"title": text("Dr")}, set("active", directory.Boolean(false)), set("title", text("Prof"))),
			`target u/1 error <nil> failed [] warning "written without title: PATCH /scim/v2/Users/u%2F1: answered 400 (mutability); check the mappings against what the target accepts"`},
		{"put", user(connector.Update, values{"title": text("Dr")}, set("active", directory.Boolean(false)), refer(manager, text("u9")), set(workEmail, text("ada@example.com"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"put-members", apply(connector.Operation{ID: "c1", Kind: connector.AddMembers, Type: directory.Group, Target: "g1", Members: memberIDs(0, 2)}),
			`target g1 error <nil> failed [] warning ""`},
		{"bulk", func(t *testing.T, c *scim.Connector) string {
			var said []string
			for _, outcome := range c.Apply(t.Context(), []connector.Operation{
				{ID: "1", Kind: connector.Create, Type: directory.User, Changes: []connector.Change{set("active", directory.Boolean(true)), set("userName", text("ada"))}},
				{ID: "2", Kind: connector.Update, Type: directory.User, Target: "u/1", Changes: []connector.Change{set("active", directory.Boolean(false))}},
				{ID: "3", Kind: connector.Delete, Type: directory.User, Target: "u2"},
				{ID: "4", Kind: connector.AddMembers, Type: directory.Group, Target: "g1", Members: memberIDs(0, 1)},
			}) {
				said = append(said, fmt.Sprintf("%s %v", outcome.Target, outcome.Err))
			}
			return strings.Join(said, ", ")
		}, "u1 <nil>, u/1 <nil>, u2 <nil>, g1 <nil>"},
		{"delete-gone", apply(connector.Operation{ID: "c1", Kind: connector.Delete, Type: directory.User, Target: "u1"}), `target u1 error <nil> failed [] warning ""`},
		{"test", func(t *testing.T, c *scim.Connector) string {
			return fmt.Sprint(c.Test(t.Context(), connector.Probe{Type: directory.User, Attribute: "userName", Value: "5f0c9d3e-0000"}))
		}, "<nil>"},
		{"create", user(connector.Create, nil,
			set("active", directory.Boolean(true)), set("displayName", text("Ada Lovelace")),
			set(`emails[type eq "home"].value`, text("ada@home.example")),
			set(`emails[type eq "work"].primary`, directory.Boolean(true)), set(workEmail, text("ada@example.com")),
			set("externalId", text("e-1")), set("name.familyName", text("Lovelace")), set("name.givenName", text("Ada")),
			set(`roles[primary eq "True"].value`, text("admin")), set("title", directory.Null()),
			set("urn:example:acme:2.0:User:badge", directory.Integer(7)), set("urn:ietf:params:scim:schemas:core:2.0:User:nickName", text("<Ada>")),
			set(department, text("R&D")), refer(manager, text("u9")), set("userName", text("ada@example.com"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"update", user(connector.Update,
			values{"userName": text("ada"), "displayName": text("Ada"), workEmail: text("old@example.com"), "title": text("Dr")},
			set("displayName", text("Countess")),
			set(`emails[type eq "home"].primary`, directory.Boolean(false)), set(`emails[type eq "home"].value`, text("ada@home.example")),
			set(workEmail, text("new@example.com")), set("nickName", text("Babs")), set("title", directory.Null()), set(department, text("R&D"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"update-names", user(connector.Update, values{"name.givenName": text("Ada"), "active": directory.Boolean(false)},
			set("active", directory.Boolean(true)), set("name.familyName", text("Lovelace")), set("name.givenName", text("Augusta"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"update-element-removed", user(connector.Update,
			values{workEmail: text("a@b"), `emails[type eq "work"].primary`: directory.Boolean(true), `phoneNumbers[type eq "fax"].value`: text("1"), `phoneNumbers[type eq "fax"].primary`: directory.Boolean(true)},
			set(`emails[type eq "work"].primary`, directory.Null()), set(workEmail, directory.Null()), set(`phoneNumbers[type eq "fax"].primary`, directory.Null())),
			`target u/1 error <nil> failed [] warning ""`},
		{"update-one-new", user(connector.Update, values{}, set("nickName", text("Babs"))), `target u/1 error <nil> failed [] warning ""`},
		{"update-part-new", user(connector.Update, values{workStreet: text("1 Main St")}, set(`addresses[type eq "work"].postalCode`, text("N1")), set(workStreet, text("2 Main St"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"update-booleans", user(connector.Update, values{workEmail: text("a@b"), `emails[type eq "work"].primary`: directory.Boolean(false)},
			set(`emails[type eq "work"].primary`, directory.Boolean(true)), set(newsletter, directory.Boolean(false))), `target u/1 error <nil> failed [] warning ""`},
		{"create-values", user(connector.Create, nil, set("active", directory.Boolean(false)), set(`addresses[type eq "work"].formatted`, text(" 1 Main St\n")), set("title", text("")),
			set(desk+".building", text("B")), set(desk+".floor", directory.Integer(3)), set(desk+".room", text(" 12 ")), set(department, directory.Null()), set("userName", text("ada"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"update-values", user(connector.Update, values{"displayName": text("Ada"), desk + ".room": text("12")}, set("displayName", text("  Ada\tLovelace ")),
			set(desk+".building", text("B")), set(desk+".floor", directory.Integer(3)), set(desk+".room", directory.Null())), `target u/1 error <nil> failed [] warning ""`},
		{"create-lists", user(connector.Create, nil,
			set("emails", list(text("ada@work.example"), text("ada@home.example"))),
			set("phoneNumbers", list(directory.Record(values{"type": text("work"), "value": text("+1")}), directory.Record(values{"type": text("fax"), "value": text("+2")}))),
			set("roles", list(role("admin", "Administrator"))), set(labels, list(text("a"), text("b"))), set("userName", text("ada"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"lists-replace", user(connector.Update, values{"emails": list(text("old@work.example"))},
			set("emails", list(text("ada@work.example"))), set("phoneNumbers", directory.Null()),
			set("roles", list(role("admin", "Administrator"), role("reader", "Reader"))), set(labels, list(text("a")))),
			`target u/1 error <nil> failed [] warning ""`},
		{"lists-add", user(connector.Update, values{"roles": list(role("admin", "Administrator")), labels: list(text("a"))},
			connector.Change{Attribute: "emails", Value: list(text("ada@work.example")), Add: true},
			connector.Change{Attribute: "roles", Value: list(role("admin", "Administrator"), role("reader", "Reader")), Add: true},
			connector.Change{Attribute: labels, Value: list(text("a")), Add: true}),
			`target u/1 error <nil> failed [] warning ""`},
		{"single-role-new", user(connector.Update, values{}, set(roleDisplay, text("Administrator")), set(primaryRole, text("admin"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"single-role-change", user(connector.Update, values{primaryRole: text("admin")}, set(primaryRole, text("reader"))),
			`target u/1 error <nil> failed [] warning ""`},
		{"disable", user(connector.Update, values{}, set("active", directory.Boolean(false))), `target u/1 error <nil> failed [] warning ""`},
		{"enable", user(connector.Update, values{"active": directory.Boolean(false)}, set("active", directory.Boolean(true))), `target u/1 error <nil> failed [] warning ""`},
		{"delete", user(connector.Delete, nil), `target u/1 error <nil> failed [] warning ""`},
		{"manager-set", user(connector.Update, values{}, refer(manager, text("u9"))), `target u/1 error <nil> failed [] warning ""`},
		{"manager-change", user(connector.Update, values{"manager": text("u9")}, refer("manager", text("u8"))), `target u/1 error <nil> failed [] warning ""`},
		{"manager-remove", user(connector.Update, values{manager: text("u9")}, refer(manager, directory.Null())), `target u/1 error <nil> failed [] warning ""`},
		{"find", find(connector.Query{Type: directory.User, Attribute: "userName", Value: text("Ada@example.com"),
			Attributes: []string{workEmail, "active", department, manager, "name.givenName", "title"}}),
			`[user 2819c {active: False, emails[type eq "work"].value: ada@work.example, name.givenName: Ada, ` +
				`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: Engines, ` +
				`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: 26118, userName: ada@EXAMPLE.com}] error <nil>`},
		{"find-special-characters", find(connector.Query{Type: directory.User, Attribute: "externalId", Value: text(`a"b\c/d e+f&g%h ü日`)}), `[] error <nil>`},
		{"find-filtered-path", find(connector.Query{Type: directory.User, Attribute: workEmail, Value: text("ada@work.example")}), `[] error <nil>`},
		{"find-group", find(connector.Query{Type: directory.Group, Attribute: "displayName", Value: text("Mathematicians"), Attributes: []string{"members"}}),
			`[group g1 {displayName: Mathematicians}] error <nil>`},
		{"get", func(t *testing.T, c *scim.Connector) string {
			account, err := c.Get(t.Context(), directory.Group, "g 1?", []string{"displayName"})
			return fmt.Sprintf("%s error %v", accountsText([]connector.Account{account}), err)
		}, `[group g 1? {displayName: Mathematicians}] error <nil>`},
		{"list-two-pages", func(t *testing.T, c *scim.Connector) string {
			var pages []string
			err := c.List(t.Context(), connector.Listing{Type: directory.User, Attributes: []string{"userName"}}, func(accounts []connector.Account) error {
				pages = append(pages, accountsText(accounts))
				return nil
			})
			return fmt.Sprintf("%s error %v", pages, err)
		}, `[[user 1 {userName: a}; user 2 {userName: b}] [user 3 {userName: c}]] error <nil>`},
		{"group-create", apply(connector.Operation{ID: "c1", Kind: connector.Create, Type: directory.Group,
			Changes: []connector.Change{set("displayName", text("Mathematicians")), set("externalId", text("e-2"))}}),
			`target g1 error <nil> failed [] warning ""`},
		{"group-rename", apply(connector.Operation{ID: "c1", Kind: connector.Update, Type: directory.Group, Target: "g1",
			Changes: []connector.Change{set("displayName", text("Geometers"))}, Current: values{"displayName": text("Mathematicians")}}), `target g1 error <nil> failed [] warning ""`},
		{"members-add", apply(connector.Operation{ID: "c1", Kind: connector.AddMembers, Type: directory.Group, Target: "g1", Members: memberIDs(0, 2)}),
			`target g1 error <nil> failed [] warning ""`},
		{"members-remove", apply(connector.Operation{ID: "c1", Kind: connector.RemoveMembers, Type: directory.Group, Target: "g1", Members: []directory.Anchor{`a"b`, "u001"}}),
			`target g1 error <nil> failed [] warning ""`},
		{"members-bisect", apply(connector.Operation{ID: "c1", Kind: connector.AddMembers, Type: directory.Group, Target: "g1", Members: memberIDs(0, 3)}),
			`target g1 error <nil> failed [u001] warning "1 of 3 members were refused, the first with: PATCH /scim/v2/Groups/g1: answered 400 (invalidValue: u001 is unknown); check the mappings against what the target accepts"`},
	} {
		for _, profile := range scim.Profiles() {
			t.Run(profile+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				replay(t, profile, test.name, test.run, test.want)
			})
		}
	}
}

// replay runs something against the recorded answers of a profile, and compares what it sends and what comes of it.
func replay(t *testing.T, profile, name string, run func(*testing.T, *scim.Connector) string, want string) {
	t.Helper()
	file := filepath.Join("testdata", "exchange", profile, name+".txtar")
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	record := &recording{t: t, archive: archive}
	c, err := scim.New(scim.Options{BaseURL: "https://app.example.com/scim/v2/", BearerToken: secret.New(token), Profile: profile, Transport: record})
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, c); got != want {
		t.Errorf("result (-want +got):\n%s", cmp.Diff(want, got))
	}
	compareRequests(t, file, archive, record.requests)
}

func compareRequests(t *testing.T, file string, archive *txtar.Archive, requests []string) {
	t.Helper()
	var want []string
	rewritten := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "request-") {
			want = append(want, string(f.Data))
			continue
		}
		if n, _ := strconv.Atoi(strings.TrimPrefix(f.Name, "response-")); n >= 1 && n <= len(requests) {
			rewritten.Files = append(rewritten.Files, txtar.File{Name: fmt.Sprintf("request-%d", n), Data: []byte(requests[n-1])}, f)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(rewritten), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
