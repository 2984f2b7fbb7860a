package engine_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Attributes a and b are matched together, and after them c.
func composite(d *job.Definition) {
	users(d).CompositeMatching = true
	users(d).Attributes = []job.AttributeMapping{
		mapped("c", "[c]", matching(3)), mapped("b", "[b]", matching(1)), mapped("a", "[a]", matching(1)), mapped("title", "[jobTitle]"),
	}
}

func TestCompositeMatchValues(t *testing.T) {
	t.Parallel()
	program := compile(t, composite)
	if diff := cmp.Diff([]engine.MatchSet{{"a", "b"}, {"c"}}, program.MatchSets(directory.User)); diff != "" {
		t.Errorf("sets (-want +got):\n%s", diff)
	}
	a, b, c := with("a", directory.Text("Ada")), with("b", directory.Text("Bee")), with("c", directory.Text("Sea"))
	for _, test := range []struct {
		name   string
		object directory.Object
		want   string
	}{
		{"both and the next", ada(a, b, c), `a and b: Ada, Bee "a=ada"&"b=bee"|c: Sea c=sea`},
		{"only both", ada(a, b), `a and b: Ada, Bee "a=ada"&"b=bee"`},
		{"the first is absent", ada(b, c), "c: Sea c=sea"},
		{"the second is empty", ada(a, with("b", directory.Text("")), c), "c: Sea c=sea"},
		{"the second is null", ada(a, with("b", directory.Null())), ""},
	} {
		assessment := program.Assess(test.object, true, nil, inputs())
		var got []string
		for _, value := range assessment.MatchValues {
			got = append(got, value.By()+": "+value.Name()+" "+value.Key)
		}
		if strings.Join(got, "|") != test.want || assessment.NeedsMatch != (test.want != "") {
			t.Errorf("%s: got %s, needs a match %v; want %s", test.name, strings.Join(got, "|"), assessment.NeedsMatch, test.want)
		}
	}
}

// No two different pairs have the same key, and an account is found by every pair it holds.
func TestCompositeKeys(t *testing.T) {
	t.Parallel()
	program := compile(t, composite)
	parts := []string{"a", "a,b", "b,c", "c", `"`, `"&"b=c`, `a"&"b=b`, `\`, `\"`, "&", "=", "b=c", "a=", " ", "a ", "\x00", "\xff", `\x00`}
	seen := map[string][2]string{}
	for _, first := range parts {
		for _, second := range parts {
			held := map[string]directory.Value{"a": directory.Text(first), "b": directory.Text(second)}
			keys := program.AccountKeys(engine.MatchSet{"a", "b"}, held)
			if len(keys) != 1 {
				t.Fatalf("%q and %q have the keys %q", first, second, keys)
			}
			if other, taken := seen[keys[0]]; taken {
				t.Errorf("%q and %q have the key of %q: %s", first, second, other, keys[0])
			}
			seen[keys[0]] = [2]string{first, second}
			assessment := program.Assess(ada(with("a", held["a"]), with("b", held["b"])), true, nil, inputs())
			if value := assessment.MatchValues[0]; value.Key != keys[0] || !program.Holds(value, held) {
				t.Errorf("%q and %q: looked for by %s, indexed under %s", first, second, value.Key, keys[0])
			}
		}
	}
	several := map[string]directory.Value{
		"a": directory.List(directory.Text("X"), directory.Record(map[string]directory.Value{"value": directory.Text("y"), "type": directory.Text("t")}), directory.Text("x")),
		"b": directory.Text("z"),
	}
	if diff := cmp.Diff([]string{`"a=x"&"b=z"`, `"a=y"&"b=z"`}, program.AccountKeys(engine.MatchSet{"a", "b"}, several)); diff != "" {
		t.Errorf("keys of several values (-want +got):\n%s", diff)
	}
	for _, held := range []map[string]directory.Value{{"a": directory.Text("x")}, {"a": directory.Text("x"), "b": directory.Text("")}, nil} {
		if keys := program.AccountKeys(engine.MatchSet{"a", "b"}, held); len(keys) != 0 {
			t.Errorf("%v has the keys %q", held, keys)
		}
	}
}

// Keys are equal for exactly what strings.EqualFold calls equal: that is how connectors compare.
func TestMatchKeysFoldAsConnectorsDo(t *testing.T) {
	t.Parallel()
	program := compile(t)
	byKey := map[string]rune{}
	for r := range rune(unicode.MaxRune) {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && unicode.SimpleFold(r) == r {
			continue
		}
		key := program.MatchKey("userName", directory.Text(string(r)))
		first, taken := byKey[key]
		if !taken {
			byKey[key] = r
		} else if !strings.EqualFold(string(first), string(r)) {
			t.Errorf("%q and %q have one key, and are not equal", first, r)
		}
		if next := unicode.SimpleFold(r); key != program.MatchKey("userName", directory.Text(string(next))) {
			t.Errorf("%q and %q are equal, and have two keys", r, next)
		}
	}
}
