package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	groupAttribute := func(m job.AttributeMapping) func(*job.Definition) {
		return func(d *job.Definition) { groups(d).Attributes = append(groups(d).Attributes[:1:1], m) }
	}
	tests := []struct {
		name string
		set  func(*job.Definition)
		// want are the beginnings of the joined errors.
		want []string
	}{
		{"broken expression", attributes(mapped("title", `Join(", [a]`)), []string{"mapping wiki/user, attribute title: line 1, column 6: "}},
		{"id", attributes(mapped("ID", "[objectId]")), []string{"mapping wiki/user, attribute ID: the target chooses this attribute itself; remove the mapping"}},
		{"members through an expression", groupAttribute(mapped("members", `ToLower([members], )`)), []string{"mapping wiki/group, attribute members: members can only be mapped from [members]"}},
		{"members from elsewhere", groupAttribute(mapped("Members", "[owners]")), []string{"mapping wiki/group, attribute Members: members can only be mapped from [members]"}},
		{"members to match by", groupAttribute(mapped("members", "[members]", matching(2))), []string{"mapping wiki/group, attribute members: members cannot be a matching attribute"}},
		{"manager through an expression", attributes(mapped(managerAttribute, `ToLower([manager], )`)),
			[]string{"mapping wiki/user, attribute " + managerAttribute + ": a reference can only be mapped from the source relation [manager]"}},
		{"manager from an attribute", attributes(mapped(managerAttribute, "[managerId]")),
			[]string{"mapping wiki/user, attribute " + managerAttribute + ": a reference can only be mapped from the source relation [manager]"}},
		{"manager to match by", attributes(mapped(managerAttribute, "[manager]", matching(2))),
			[]string{"mapping wiki/user, attribute " + managerAttribute + ": a reference cannot be a matching attribute"}},
		{"path that cannot be", attributes(mapped("nonsense[", "[a]")), []string{"mapping wiki/user, attribute nonsense[: there is no attribute nonsense["}},
		{"filter", func(d *job.Definition) { d.Filters[0].Clauses[0].Operator = "LIKE" }, []string{`scoping filters of wiki/user: scoping filter "sales", clause 1: operator "LIKE" is unknown: `}},
		{"all of them", func(d *job.Definition) {
			users(d).Attributes = []job.AttributeMapping{mapped("id", "[a]"), mapped("title", "[")}
			groups(d).Attributes = []job.AttributeMapping{mapped("members", "[a]")}
		}, []string{
			"mapping wiki/group, attribute members: members can only be mapped from [members]",
			"mapping wiki/user, attribute id: the target chooses this attribute itself; remove the mapping",
			"mapping wiki/user, attribute title: line 1, column 1: ",
		}},
		{"a disabled mapping is not looked at", func(d *job.Definition) {
			groups(d).Enabled, groups(d).Attributes = false, []job.AttributeMapping{mapped("id", "[")}
		}, nil},
		// active takes no empty text, which does not make it impossible.
		{"boolean attribute", attributes(mapped("active", "[accountEnabled]")), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			program, err := engine.Compile(definition(test.set), traits())
			if test.want == nil {
				if err != nil || program == nil {
					t.Fatalf("got %v", err)
				}
				return
			}
			if program != nil || !errors.Is(err, directory.Invalid) {
				t.Fatalf("program %v, kind %q", program != nil, directory.KindOf(err))
			}
			rest := err.Error()
			for _, want := range test.want {
				at := strings.Index(rest, want)
				if at < 0 {
					t.Fatalf("%q is missing, or not in order, in:\n%s", want, err)
				}
				rest = rest[at+len(want):]
			}
		})
	}
}

func TestCheckAttributes(t *testing.T) {
	t.Parallel()
	known := []string{"userPrincipalName", "department", "jobTitle"}
	check := func(change ...func(*job.Definition)) error {
		return compile(t, change...).CheckAttributes(directory.User, known)
	}
	for name, change := range map[string]func(*job.Definition){
		"as it is":                    func(*job.Definition) {},
		"what the engine adds":        attributes(mapped("externalId", "[objectId]"), mapped("active", `IIF([accountEnabled], "True", "False")`), mapped("x", "[id]")),
		"filters of the other type":   func(d *job.Definition) { d.Filters[1].Clauses[0].Attribute = "unheard" },
		"filter on whether one is on": func(d *job.Definition) { d.Filters[0].Clauses[0].Attribute = "accountEnabled" },
	} {
		if err := check(change); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	filtering := func(attribute string) func(*job.Definition) {
		return func(d *job.Definition) {
			d.Filters[0].Clauses[0] = scope.Clause{Attribute: attribute, Operator: scope.IsNotNull}
		}
	}
	const has = "it has: accountEnabled, department, id, jobTitle, manager, members, objectId, userPrincipalName"
	want := `scoping filter "sales": the source "people" has no user attribute "Department"; ` + has
	if err := check(filtering("Department")); !errors.Is(err, directory.Invalid) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	err := check(attributes(mapped("title", "[jobtitle]"), mapped("x", "[unheard]")), filtering("office"))
	if err == nil || !errors.Is(err, directory.Invalid) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"mapping wiki/user, attribute title: ", "jobTitle", "mapping wiki/user, attribute x: ", `"office"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%s", want, err)
		}
	}
	off := compile(t, func(d *job.Definition) { groups(d).Enabled = false })
	if err := off.CheckAttributes(directory.Group, nil); err != nil {
		t.Errorf("a type that is off: %v", err)
	}
}

func TestWhatAProgramProvisions(t *testing.T) {
	t.Parallel()
	program := compile(t)
	off := compile(t, func(d *job.Definition) { groups(d).Enabled = false })
	got := []any{
		program.ObjectTypes(), program.Targets(directory.User), program.Targets(directory.Group), program.MatchSets(directory.Group),
		program.ReferenceTargets(directory.User), program.Memberships(), program.Definition().ID,
		off.ObjectTypes(), off.Targets(directory.Group), off.MatchSets(directory.Group), off.ReferenceTargets(directory.Group), off.Memberships(),
		// D19: memberships are an update of the group, and end with it.
		compile(t, func(d *job.Definition) { groups(d).Actions.Update = false }).Memberships(),
		compile(t, func(d *job.Definition) { groups(d).Attributes = groups(d).Attributes[:1] }).Memberships(),
	}
	want := []any{
		[]directory.ObjectType{directory.User, directory.Group}, []string{"active", "department", managerAttribute, "userName"}, []string{"displayName"}, []engine.MatchSet{{"displayName"}},
		[]string{managerAttribute}, true, "wiki/main",
		[]directory.ObjectType{directory.User}, []string(nil), []engine.MatchSet(nil), []string(nil), false,
		false,
		false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A target that keeps values as they come needs no Canonical.
func TestCompileWithoutTraits(t *testing.T) {
	t.Parallel()
	program, err := engine.Compile(definition(attributes(mapped("active", lifecycle)), func(d *job.Definition) { d.Mappings = d.Mappings[1:] }), engine.Traits{})
	if err != nil {
		t.Fatal(err)
	}
	d := decide(program, ada(), true, nil, noMatch)
	if show(d) != "create keep active:null→True userName:null→ada@example.com" || d.Changes[0].New.Kind() != directory.KindText {
		t.Errorf("got %s", show(d))
	}
}
