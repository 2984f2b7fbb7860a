package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Three matching attributes A(1), B(2), C(3), as in the vectors of engine.md 30; declared in another order.
func threeMatching(d *job.Definition) {
	users(d).Attributes = []job.AttributeMapping{
		mapped("c", "[c]", matching(3)), mapped("a", "[a]", matching(1)), mapped("b", "ToLower([b], )", matching(2)), mapped("title", "[jobTitle]"),
	}
}

func TestMatchValues(t *testing.T) {
	t.Parallel()
	program := compile(t, threeMatching)
	if diff := cmp.Diff([]engine.MatchSet{{"a"}, {"b"}, {"c"}}, program.MatchSets(directory.User)); diff != "" {
		t.Errorf("matching attributes (-want +got):\n%s", diff)
	}
	a, b, c := with("a", directory.Text("Ada")), with("b", directory.Text("BEE")), with("c", directory.Integer(7))
	tests := []struct {
		name   string
		object directory.Object
		want   string
	}{
		{"all, in the order of precedence", ada(a, b, c), "a=ada b=bee c=7"},
		{"A absent: B first", ada(b, c), "b=bee c=7"},
		{"A null: B first", ada(with("a", directory.Null()), b), "b=bee"},
		{"A empty: B first", ada(with("a", directory.Text("")), b), "b=bee"},
		{"only the last", ada(c), "c=7"},
	}
	for _, test := range tests {
		assessment := program.Assess(test.object, true, nil, inputs())
		var keys []string
		for _, value := range assessment.MatchValues {
			keys = append(keys, value.Key)
		}
		if got := strings.Join(keys, " "); got != test.want || !assessment.NeedsMatch {
			t.Errorf("%s: got %q, needs a match %v; want %q", test.name, got, assessment.NeedsMatch, test.want)
		}
	}
}

func TestNothingToMatchBy(t *testing.T) {
	t.Parallel()
	program := compile(t, threeMatching)
	assessment := program.Assess(ada(), true, nil, inputs())
	d := assessment.Decision
	if assessment.NeedsMatch || show(d) != "skip keep ImportSkipped" || d.Reason != "no matching attribute has a value" {
		t.Errorf("needs a match %v: %s (%s)", assessment.NeedsMatch, show(d), d.Reason)
	}
	// A link holds although the matching attribute was emptied (engine.md 9).
	d = decide(program, ada(hasTitle), true, link(), noMatch)
	if show(d) != "update keep title:null→Sysadmin" || d.Name != "ada@example.com" || d.MatchKey != "username=ada@example.com" {
		t.Errorf("%s, name %q, key %q", show(d), d.Name, d.MatchKey)
	}
	several := program.Assess(ada(with("a", directory.List(directory.Text("x"), directory.Text("y")))), true, nil, inputs())
	if want := "a mapping failed: matching attribute a yields a list; it must be a single value"; several.Decision.Action != engine.Fail || several.Decision.Reason != want {
		t.Errorf("several values: %s (%s)", show(several.Decision), several.Decision.Reason)
	}
}

func TestMatchOutcomes(t *testing.T) {
	t.Parallel()
	program := compile(t)
	const create = "create keep active:null→True department:null→Sales userName:null→ada@example.com"
	released := link(func(l *engine.Linked) { l.Managed, l.Target = false, "t-old" })
	tests := []struct {
		name   string
		link   *engine.Linked
		match  engine.Match
		want   string
		reason string
		target directory.Anchor
	}{
		{"none", nil, noMatch, create, "", ""},
		{"none, released before", released, noMatch, create, "", ""},
		{"one", nil, found(account()), "link keep RedundantExport", "source and target are equal", "t-ada"},
		{"one, released before", released, found(account()), "link keep RedundantExport", "source and target are equal", "t-ada"},
		{"two", nil, engine.Match{Attribute: "userName", Found: 2, Target: "t-1"}, "fail keep DuplicateTargetEntries",
			"more than one account in the target has this object's value of userName", ""},
		{"two, and claimed", nil, engine.Match{Attribute: "userName", Found: 2, Target: "t-1", ClaimedBy: "u-bob"}, "fail keep DuplicateTargetEntries",
			"more than one account in the target has this object's value of userName", ""},
		{"one that belongs to another", nil, engine.Match{Attribute: "userName", Found: 1, Target: "t-ada", Attributes: account(), ClaimedBy: "u-bob"}, "fail keep DuplicateSourceEntries",
			"the account or its matching value belongs to another source object (u-bob)", ""},
		{"none, the value is another's", nil, engine.Match{ClaimedBy: "u-bob"}, "fail keep DuplicateSourceEntries",
			"the account or its matching value belongs to another source object (u-bob)", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := decide(program, ada(), true, test.link, test.match)
			if show(d) != test.want || d.Reason != test.reason || d.Target != test.target {
				t.Errorf("got %s (%s) on %q\nwant %s (%s) on %q", show(d), d.Reason, d.Target, test.want, test.reason, test.target)
			}
			if d.Name != "ada@example.com" || d.MatchKey != "username=ada@example.com" {
				t.Errorf("name %q, key %q", d.Name, d.MatchKey)
			}
		})
	}
}

// A rename keeps the link and writes the new name; a link that is managed is never matched again (engine.md 9).
func TestRenameKeepsTheLink(t *testing.T) {
	t.Parallel()
	d := decide(compile(t), ada(with("userPrincipalName", directory.Text("ada.l@example.com"))), true, link(), engine.Match{Found: 2})
	if show(d) != "update keep userName:ada@example.com→ada.l@example.com" || d.Target != "t-ada" || d.Name != "ada.l@example.com" || d.MatchKey != "username=ada.l@example.com" {
		t.Errorf("%s on %q, name %q, key %q", show(d), d.Target, d.Name, d.MatchKey)
	}
}

func TestMatchKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		attribute string
		value     directory.Value
		want      string
	}{
		{"userName", directory.Text("Ada@Example.COM"), "username=ada@example.com"},
		{"USERNAME", directory.Text("ÄDA"), "username=äda"},
		{"employeeNumber", directory.Integer(42), "employeenumber=42"},
		{"active", directory.Boolean(true), "active=true"},
		{"externalId", directory.Text("EMP-1"), "externalid=EMP-1"},
		{"userName", directory.Null(), ""},
		{"userName", directory.List(directory.Text("a")), ""},
	}
	program := compile(t)
	for _, test := range tests {
		if got := program.MatchKey(test.attribute, test.value); got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.attribute, test.value, got, test.want)
		}
	}
}
