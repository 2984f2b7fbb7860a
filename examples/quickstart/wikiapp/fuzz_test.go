package wikiapp

import (
	"encoding/json"
	"errors"
	"testing"
)

// A filter either has an error or can be asked about any account without a panic, and asking twice gives one answer.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		`userName eq "ann"`, `not (a pr) or b.c co "x\"y"`, `emails[type eq "work" and primary eq true].value ew "x"`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr`, `((active ne null))`, `meta.created ge "2026-01-01T00:00:00Z"`,
		`groups[display sw "S"] and schemas co "urn"`, `userName eq "\u0041"`,
	} {
		f.Add(s)
	}
	app := New(Options{})
	r := fuzzAccount(f, app)
	f.Fuzz(func(t *testing.T, in string) {
		e, err := parseFilter(app.users.kind, in)
		if (e == nil) == (err == nil) {
			t.Fatalf("parseFilter(%q) = %v, %v", in, e, err)
		}
		if err != nil {
			return
		}
		v := view{app, app.users.kind, r, ""}
		match := e.match(v)
		if match != e.match(v) || match == (negated{e}).match(v) {
			t.Fatalf("filter %q has no stable answer", in)
		}
		if among := len(app.users.candidates(e)) == 1; match && !among {
			t.Fatalf("filter %q matches, but the index does not find the account", in)
		}
	})
}

// A path either has an error or every operation with it leaves an account the schema accepts, or is refused with a fault.
func FuzzPatch(f *testing.F) {
	for _, s := range []string{
		`userName`, `name.familyName`, `emails[type eq "work"].value`, `emails[value pr]`, `emails.display`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`, `addresses[type eq "work"]`, `meta`, ``,
		`urn:ietf:params:scim:schemas:extension:wiki:2.0:User:labels`, `roles[primary eq true].value`,
	} {
		for _, v := range []string{`"x"`, `true`, `{"value":"x","primary":true}`, `[{"type":"work"}]`, `{"title":"x","name":{"givenName":null}}`, `null`} {
			f.Add("replace", s, v)
			f.Add("add", s, v)
		}
		f.Add("remove", s, `null`)
	}
	app := New(Options{})
	r := fuzzAccount(f, app)
	f.Fuzz(func(t *testing.T, verb, where, value string) {
		var v any
		if json.Unmarshal([]byte(value), &v) != nil {
			return
		}
		ops, err := readPatch(app.users.kind, map[string]any{"schemas": []any{urnPatch},
			"Operations": []any{map[string]any{"op": verb, "path": where, "value": v}}})
		if err != nil {
			mustBeFault(t, err)
			return
		}
		attrs, _ := cloned(r.attrs).(map[string]any)
		d := draft{kind: app.users.kind, attrs: attrs}
		for range 2 {
			err := d.apply(ops[0])
			if err == nil {
				err = complete(d.kind, d.attrs)
			}
			if err != nil {
				mustBeFault(t, err)
				return
			}
		}
		d.attrs["schemas"] = []any{urnUser, urnEnterprise, urnWiki}
		if _, err := readDocument(d.kind, d.attrs); err != nil {
			t.Fatalf("%s %q %s left what a POST would refuse: %v", verb, where, value, err)
		}
	})
}

func mustBeFault(t *testing.T, err error) {
	t.Helper()
	var f *fault
	if !errors.As(err, &f) {
		t.Fatalf("refused with %T: %v", err, err)
	}
}

func fuzzAccount(f *testing.F, app *App) *record {
	f.Helper()
	var attrs map[string]any
	if err := json.Unmarshal([]byte(`{"userName":"ann","active":true,"externalId":"7","title":"x","name":{"givenName":"A"},
		"emails":[{"type":"work","value":"x","primary":true},{"type":"home"}],
		"`+urnEnterprise+`":{"department":"Sales","manager":{"value":"7"}}}`), &attrs); err != nil {
		f.Fatal(err)
	}
	r := &record{id: "7", attrs: attrs}
	app.users.insert(r)
	return r
}
