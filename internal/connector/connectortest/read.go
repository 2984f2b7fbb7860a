package connectortest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

func testCapabilities(x *target) {
	c := x.connector.Capabilities()
	if !slices.Contains(c.ObjectTypes, directory.User) || slices.Contains(c.ObjectTypes, directory.Group) == x.options.NoGroups {
		x.t.Errorf("object types %v", c.ObjectTypes)
	}
	if c.Concurrency < 1 {
		x.t.Errorf("concurrency %d", c.Concurrency)
	}
	if !x.options.NoReferences && !slices.Contains(c.ReferenceAttributes[directory.User], manager) {
		x.t.Errorf("reference attributes %v lack %s", c.ReferenceAttributes, manager)
	}
}

func testCanonical(x *target) {
	long := directory.List(text("a"), text("b"))
	for _, test := range []struct {
		attribute   string
		value, want directory.Value
		refused     bool
	}{
		{attribute: "active", value: text("True"), want: directory.Boolean(true)},
		{attribute: "active", value: text("false"), want: directory.Boolean(false)},
		{attribute: "active", value: directory.Boolean(true), want: directory.Boolean(true)},
		{attribute: "active", value: directory.Null(), want: directory.Null()},
		{attribute: "active", value: text("yes"), refused: true},
		{attribute: "Active", value: text("TRUE"), want: directory.Boolean(true)},
		{attribute: workFirst, value: text("True"), want: directory.Boolean(true)},
		{attribute: userName, value: text("True"), want: text("True")},
		{attribute: userName, value: text(""), want: text("")},
		{attribute: workEmail, value: text("a@b.example"), want: text("a@b.example")},
		{attribute: workEmail, value: long, refused: true},
		{attribute: "urn:example:scim:2.0:User:labels", value: long, want: long},
		{attribute: "urn:example:scim:2.0:User:labels", value: directory.List(text("a"), directory.Null(), text("a")), want: directory.List(text("a"))},
		{attribute: "urn:example:scim:2.0:User:labels", value: directory.List(), want: directory.Null()},
		{attribute: "urn:example:scim:2.0:User:labels", value: directory.List(long), refused: true},
		{attribute: emails, value: long, want: long},
		{attribute: roles, value: directory.List(directory.Record(values{"value": text("a"), "primary": text("fAlse"), "display": directory.Null()})),
			want: directory.List(directory.Record(values{"value": text("a"), "primary": directory.Boolean(false)}))},
		{attribute: roles, value: directory.List(directory.Record(values{"value": text("a"), "primary": text("no")})), refused: true},
		{attribute: roles, value: directory.List(directory.Record(values{"value": long})), refused: true},
		{attribute: display, value: directory.DateTime(time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC)), want: text("3/1/2026 9:05:00 AM")},
		{attribute: "urn:example:scim:2.0:User:level", value: directory.Integer(7), want: directory.Integer(7)},
		{attribute: display, value: directory.Record(values{"a": text("b")}), refused: true},
		{attribute: "id", value: text("1"), refused: true},
		{attribute: "meta", value: text("1"), refused: true},
		{attribute: "schemas", value: text("1"), refused: true},
		{attribute: "password", value: text("1"), refused: true},
		{attribute: "", value: text("1"), refused: true},
	} {
		switch {
		case x.options.KnownOnly && (test.attribute == emails || test.attribute == roles):
			continue
		case x.options.KnownOnly && strings.HasPrefix(test.attribute, "urn:example:"):
			test.refused = true
		case x.options.EmptyIsNull && test.value.Equal(text("")) && !test.refused:
			test.want = directory.Null()
		case x.options.TextOnly && test.value.Kind() == directory.KindInteger:
			test.want = text(test.value.String())
		}
		for range 2 {
			got, err := x.connector.Canonical(directory.User, test.attribute, test.value)
			if test.refused {
				x.wantKind(fmt.Sprintf("%s = %s", test.attribute, test.value), err, directory.Invalid)
				continue
			}
			if err != nil || !got.Equal(test.want) {
				x.t.Errorf("%s = %s: got %s %s (%v), want %s %s", test.attribute, test.value, got.Kind(), got, err, test.want.Kind(), test.want)
			}
			// What is canonical stays as it is.
			if again, err := x.connector.Canonical(directory.User, test.attribute, got); err != nil || !again.Equal(got) {
				x.t.Errorf("%s = %s becomes %s (%v) the second time", test.attribute, got, again, err)
			}
		}
	}
}

func testCanonicalPaths(x *target) {
	for _, attribute := range []string{
		"name.", ".name", "emails[", `emails[type eq "work"]`, `emails[type eq work].value`, `emails[type ne "work"].value`,
		`emails[type eq "work" and primary eq "True"].value`, "user name", "urn:x", "a.b.c",
	} {
		_, err := x.connector.Canonical(directory.User, attribute, text("v"))
		x.wantKind(fmt.Sprintf("path %q", attribute), err, directory.Invalid)
	}
}

func testConnection(x *target) {
	probe := connector.Probe{Type: directory.User, Attribute: userName, Value: "0b9f7a1e-there-is-no-such-user"}
	if err := x.connector.Test(x.t.Context(), probe); err != nil {
		x.t.Errorf("connection test of an empty target: %v", err)
	}
	x.create(directory.User, values{userName: text("ada@example.com")})
	if err := x.connector.Test(x.t.Context(), probe); err != nil {
		x.t.Errorf("connection test: %v", err)
	}
}

func testGetAttributes(x *target) {
	anchor := x.create(directory.User, values{userName: text("ada@example.com"), display: text("Ada"), "title": text("Countess")})
	if got := x.get(directory.User, anchor, display, "nickName"); len(got) != 1 || !got[display].Equal(text("Ada")) {
		x.t.Errorf("asked for displayName and nickName: got %v", got)
	}
	if got := x.get(directory.User, anchor); len(got) != 0 {
		x.t.Errorf("asked for nothing: got %v", got)
	}
	// Names are case-insensitive, and come back as they were asked for.
	if got := x.get(directory.User, anchor, "DISPLAYNAME"); !got["DISPLAYNAME"].Equal(text("Ada")) {
		x.t.Errorf("asked for DISPLAYNAME: got %v", got)
	}
}

func testGetMissing(x *target) {
	for _, anchor := range []directory.Anchor{"no-such-account", "a/b", "a b?c#d%", "..", "../Groups", "%2e%2e", "ünï-日本", "line\nbreak",
		directory.Anchor(strings.Repeat("long", 500))} {
		_, err := x.connector.Get(x.t.Context(), directory.User, anchor, all())
		x.wantKind(fmt.Sprintf("get %q", anchor), err, directory.NotFound)
	}
}

func testFind(x *target) {
	ada := x.create(directory.User, values{userName: text("ada@example.com"), "externalId": text("Ada-1")})
	bob := x.create(directory.User, values{userName: text("bob@example.com"), "externalId": text("bob-2")})
	x.wantAnchors("userName", x.find(userName, "ada@example.com"), ada)
	if x.exact(userName) {
		x.wantAnchors("userName in another case", x.find(userName, "ADA@Example.COM"))
	} else {
		x.wantAnchors("userName in another case", x.find(userName, "ADA@Example.COM"), ada)
	}
	x.wantAnchors("externalId", x.find("externalId", "bob-2"), bob)
	if x.exact("externalId") {
		x.wantAnchors("externalId in another case", x.find("externalId", "ada-1"))
	} else {
		x.wantAnchors("externalId in another case", x.find("externalId", "ada-1"), ada)
	}
	x.wantAnchors("no such user", x.find(userName, "carol@example.com"))
	x.wantAnchors("a part of a name", x.find(userName, "ada"))

	found, err := x.connector.Find(x.t.Context(), connector.Query{Type: directory.User, Attribute: userName,
		Value: text("bob@example.com"), Attributes: []string{"externalId", "title"}})
	if err != nil || len(found) != 1 || !found[0].Attributes[userName].Equal(text("bob@example.com")) ||
		!found[0].Attributes["externalId"].Equal(text("bob-2")) || len(found[0].Attributes) != 2 {
		x.t.Errorf("find with attributes: %v, %v", found, err)
	}
}

// special are values that break a filter or a URL written without care.
func special() []string {
	return []string{
		`quote " inside`, `back\slash`, `both \" of them`, "slash/and?question", "per%cent %41", "amp&ersand=1", "plus+sign",
		"hash#tag", "Ünïcödé-日本語-🙂", "semi;colon", "<angle>", "line\nbreak", `" or userName pr or "`, "trailing space ", "apostrophe's", "(paren) [bracket]",
	}
}

func testFindSpecial(x *target) {
	for i, value := range special() {
		if x.options.Trims {
			value = strings.TrimSpace(value)
		}
		anchor := x.create(directory.User, values{userName: text(fmt.Sprintf("u%d", i)), "externalId": text(value)})
		x.wantAnchors(fmt.Sprintf("externalId %q", value), x.find("externalId", value), anchor)
		x.wantAnchors(fmt.Sprintf("externalId %q with more", value), x.find("externalId", value+"!"))
		if got := x.get(directory.User, anchor, "externalId")["externalId"]; !got.Equal(text(value)) {
			x.t.Errorf("externalId %q comes back as %q", value, got)
		}
	}
}

func testFindFiltered(x *target) {
	ada := x.create(directory.User, values{userName: text("ada"), workEmail: text("ada@work.example"), homeEmail: text("ada@home.example")})
	x.create(directory.User, values{userName: text("bob"), workEmail: text("bob@work.example"), homeEmail: text("ada@work.example")})
	x.wantAnchors("work address", x.find(workEmail, "ada@work.example"), ada)
	x.wantAnchors("a home address among the work addresses", x.find(workEmail, "ada@home.example"))
}

// testFindAll: a query for all gets every hit, however many pages they fill.
func testFindAll(x *target) {
	var want []directory.Anchor
	for i := range x.options.ListSize {
		want = append(want, x.create(directory.User, values{userName: text(fmt.Sprintf("u%03d", i)), display: text("The same")}))
	}
	x.create(directory.User, values{userName: text("other"), display: text("Another")})
	found, err := x.connector.Find(x.t.Context(), connector.Query{Type: directory.User, Attribute: display, Value: text("the SAME"), All: true})
	got := map[directory.Anchor]bool{}
	for _, account := range found {
		got[account.Anchor] = true
	}
	if x.exact(display) {
		want = nil
	}
	if err != nil || len(found) != len(want) || len(got) != len(want) {
		x.t.Errorf("%d hits, %d different ones (%v), want %d", len(found), len(got), err, len(want))
	}
}

func testFindNothing(x *target) {
	for _, value := range []directory.Value{directory.Null(), text("")} {
		_, err := x.connector.Find(x.t.Context(), connector.Query{Type: directory.User, Attribute: userName, Value: value})
		x.wantKind(fmt.Sprintf("find userName %q", value), err, directory.Invalid)
	}
}

func testList(x *target) {
	want := map[directory.Anchor]string{}
	var operations []connector.Operation
	for i := range x.options.ListSize {
		name := fmt.Sprintf("user-%04d@example.com", i)
		operations = append(operations, connector.Operation{ID: name, Kind: connector.Create, Type: directory.User,
			Changes: changes(values{userName: text(name)})})
	}
	for i, outcome := range x.connector.Apply(x.t.Context(), operations) {
		if outcome.Err != nil {
			x.t.Fatalf("create %s: %v", operations[i].ID, outcome.Err)
		}
		want[outcome.Target] = operations[i].ID
	}
	got := map[directory.Anchor]string{}
	err := x.connector.List(x.t.Context(), connector.Listing{Type: directory.User, Attributes: []string{userName, "title"}},
		func(accounts []connector.Account) error {
			for _, account := range accounts {
				got[account.Anchor], _ = account.Attributes[userName].Text()
				if _, ok := account.Attributes["title"]; ok || account.Type != directory.User {
					return fmt.Errorf("unexpected account %v", account)
				}
			}
			return nil
		})
	if err != nil {
		x.t.Fatal(err)
	}
	if len(want) != x.options.ListSize || len(got) != len(want) {
		x.t.Fatalf("%d created, %d anchors, %d listed", x.options.ListSize, len(want), len(got))
	}
	for anchor, name := range want {
		if got[anchor] != name {
			x.t.Errorf("account %s is listed as %q, want %q", anchor, got[anchor], name)
		}
	}
}

func testListEmpty(x *target) {
	for _, objectType := range x.connector.Capabilities().ObjectTypes {
		err := x.connector.List(x.t.Context(), connector.Listing{Type: objectType}, func(accounts []connector.Account) error {
			if len(accounts) > 0 {
				return fmt.Errorf("an empty target lists %v", accounts)
			}
			return nil
		})
		if err != nil {
			x.t.Error(err)
		}
	}
}

func testListStops(x *target) {
	x.create(directory.User, values{userName: text("ada")})
	enough := errors.New("enough")
	err := x.connector.List(x.t.Context(), connector.Listing{Type: directory.User}, func([]connector.Account) error { return enough })
	if !errors.Is(err, enough) {
		x.t.Errorf("the error of deliver comes back as %v", err)
	}
}
