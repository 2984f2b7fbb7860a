package job_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

var update = flag.Bool("update", false, "write golden files")

// userMapping is a mapping without problems and warnings; change may alter it.
func userMapping(change ...func(*job.Mapping)) job.Mapping {
	m := job.Mapping{
		AppKey: "wiki", ObjectType: directory.User, Enabled: true, Actions: job.Actions{Create: true, Update: true, Delete: true},
		Attributes: []job.AttributeMapping{
			mapped("active", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`),
			mapped("title", "[jobTitle]"),
			mapped("userName", "[userPrincipalName]", func(a *job.AttributeMapping) { a.MatchingPrecedence = 1 }),
		},
	}
	for _, c := range change {
		c(&m)
	}
	return m
}

func groupMapping(change ...func(*job.Mapping)) job.Mapping {
	m := job.Mapping{AppKey: "wiki", ObjectType: directory.Group, Enabled: true, Preset: job.PresetEntra}
	for _, c := range change {
		c(&m)
	}
	return m
}

func mapped(target, expression string, change ...func(*job.AttributeMapping)) job.AttributeMapping {
	a := job.AttributeMapping{Target: target, Expression: expression, FlowType: job.FlowAlways}
	for _, c := range change {
		c(&a)
	}
	return a
}

// templated takes the table of a template that matches by a target.
func templated(target string) func(*job.Mapping) {
	return func(m *job.Mapping) {
		m.Preset = job.PresetTemplate
		m.TemplateRows = []job.AttributeMapping{mapped(target, "[displayName]", matching(1))}
	}
}

// title replaces the mapping of title.
func title(expression string, change ...func(*job.AttributeMapping)) func(*job.Mapping) {
	return func(m *job.Mapping) { m.Attributes[1] = mapped("title", expression, change...) }
}

// and maps one more attribute.
func and(target, expression string, change ...func(*job.AttributeMapping)) func(*job.Mapping) {
	return func(m *job.Mapping) { m.Attributes = append(m.Attributes, mapped(target, expression, change...)) }
}

func listed(attributes ...job.TargetAttribute) func(*job.Mapping) {
	return func(m *job.Mapping) { m.TargetAttributes = append(m.TargetAttributes, attributes...) }
}

func sources(names ...string) func(*job.Mapping) {
	return func(m *job.Mapping) {
		for _, name := range names {
			m.SourceAttributes = append(m.SourceAttributes, job.SourceAttribute{Name: name, FlowNullValues: true})
		}
	}
}

func preset(own ...job.AttributeMapping) func(*job.Mapping) {
	return func(m *job.Mapping) { m.Preset, m.Attributes = job.PresetEntra, own }
}

func excluding(targets ...string) func(*job.Mapping) {
	return func(m *job.Mapping) { m.Exclude = targets }
}

func flowing(flowType job.FlowType) func(*job.AttributeMapping) {
	return func(a *job.AttributeMapping) { a.FlowType = flowType }
}

func composite(m *job.Mapping) { m.CompositeMatching = true }

func matching(precedence int) func(*job.AttributeMapping) {
	return func(a *job.AttributeMapping) { a.MatchingPrecedence = precedence }
}

func defaulting(value string) func(*job.AttributeMapping) {
	return func(a *job.AttributeMapping) { a.DefaultValue = &value }
}

func behaving(behavior job.FlowBehavior) func(*job.AttributeMapping) {
	return func(a *job.AttributeMapping) { a.FlowBehavior = behavior }
}

func flowNull(a *job.AttributeMapping) { a.FlowNullValues = true }

const manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"

// mappingCases are the rules of Problems and Warnings, one by one. What they say is in testdata/problems.golden.
func mappingCases() []struct {
	name    string
	mapping job.Mapping
} {
	type edit = func(*job.Mapping)
	user := func(changes ...edit) job.Mapping { return userMapping(changes...) }
	unique := `SelectUniqueValue([mailNickname], Append([mailNickname], "2"))`
	return []struct {
		name    string
		mapping job.Mapping
	}{
		{"nothing", user()},
		{"nothing, preset", user(preset())},
		{"nothing, preset of groups", groupMapping()},
		{"nothing, disabled group mapping without attributes", groupMapping(func(m *job.Mapping) { m.Enabled, m.Preset = false, "" })},
		{"object type", user(func(m *job.Mapping) { m.ObjectType = "device" })},
		{"user mapping disabled", user(func(m *job.Mapping) { m.Enabled = false })},
		{"unknown preset", user(func(m *job.Mapping) { m.Preset = "okta" })},
		{"exclude without preset", user(excluding("title"))},
		{"exclude what is not there", user(preset(), excluding("TITLE", "nickName"))},
		{"exclude and map", user(preset(mapped("title", `"x"`)), excluding("title"))},
		{"exclude the matching attribute", user(preset(), excluding("userName"))},
		{"no matching attribute", user(func(m *job.Mapping) { m.Attributes = m.Attributes[:2] })},
		{"precedence twice", user(title("[jobTitle]", matching(1)))},
		{"precedence of the preset", user(preset(mapped(`emails[type eq "work"].value`, "[mail]", matching(1))))},
		{"precedence twice, composite", user(title("[jobTitle]", matching(1)), composite)},
		{"precedence of the preset, composite", user(preset(mapped(`emails[type eq "work"].value`, "[mail]", matching(1))), composite)},
		{"composite of one", user(title("[jobTitle]", matching(2)), composite)},
		{"composite over what changes", user(title(`Append([mail], Guid())`, matching(1)), composite)},
		{"precedence negative", user(title("[jobTitle]", matching(-1)))},
		{"matching over two attributes", user(title(`Join(".", [givenName], [surname])`, matching(2)))},
		{"matching over a constant", user(title(`"x"`, matching(2)))},
		{"matching over what changes", user(title(`Append([mail], Guid())`, matching(2)))},

		{"target empty", user(and("", "[a]"))},
		{"target not a path", user(and("name..givenName", "[a]"))},
		{"target id", user(and("ID", "[a]"), and("meta.created", "[a]"), and("urn:ietf:params:scim:schemas:core:2.0:User:schemas", "[a]"))},
		{"target twice", user(and("TITLE", "[a]"))},
		{"target twice, in full", user(and("urn:ietf:params:scim:schemas:core:2.0:User:title", "[a]"))},
		{"the same attribute of two elements", user(and(`emails[type eq "work"].value`, "[a]"), and(`emails[type eq "Work"].value`, "[b]"))},
		{"expression broken", user(title(`Join(", [a]`))},
		{"expression unknown function", user(title(`Len([a])`))},

		{"none without default", user(title(""))},
		{"none with empty default", user(title("", defaulting("")))},
		{"none with default", user(title("", defaulting("x")))},
		{"none to match by", user(title("", defaulting("x"), matching(2)))},
		{"none that flows null", user(title("", defaulting("x"), flowNull))},
		{"empty default", user(title("[jobTitle]", defaulting("")))},

		{"flow type", user(title("[a]", flowing("Never")))},
		{"flow behavior", user(title("[a]", behaving("Sometimes")))},
		{"flow behavior, create only", user(title("[a]", behaving(job.FlowInEveryUpdate), flowing(job.FlowObjectAddOnly)))},
		{"several values added to one", user(title("[a]", flowing(job.FlowMultiValueAddOnly)), listed(job.TargetAttribute{Name: "title", Multivalued: pointer(false)}))},
		{"several values added to an element", user(and(`emails[type eq "work"].value`, "[a]", flowing(job.FlowMultiValueAddOnly)))},
		{"password for ever", user(title(`RandomString(8, 1, 1, 1, 1)`))},
		{"password on create", user(title(`RandomString(8, 1, 1, 1, 1)`, flowing(job.FlowObjectAddOnly)))},
		{"the time, if empty", user(title(`Now()`, flowing(job.FlowAttributeAddOnly)))},

		{"null, both switches", user(title("[jobTitle]", flowNull), sources("jobTitle"))},
		{"null, the mapping's alone", user(title("[jobTitle]", flowNull))},
		{"null, the source's alone", user(sources("jobTitle"))},
		{"null, one of two sources", user(title(`Join(" ", [a], [b])`, flowNull), sources("a"))},
		{"null, a constant", user(title(`"x"`, flowNull))},
		{"null, matching", user(title("[jobTitle]", flowNull, matching(2)), sources("jobTitle"))},
		{"null, required", user(title("[jobTitle]", flowNull), sources("jobTitle"), listed(job.TargetAttribute{Name: "title", Required: true}))},
		{"null, several values", user(title("[jobTitle]", flowNull), sources("jobTitle"), listed(job.TargetAttribute{Name: "Title", Multivalued: pointer(true)}))},
		{"null, additions", user(title("[jobTitle]", flowNull, flowing(job.FlowMultiValueAddOnly)), sources("jobTitle"))},
		{"null, where nothing is cleared", user(title("[jobTitle]", flowNull, flowing(job.FlowValueAddOnly)), sources("jobTitle"))},
		{"source attribute twice", user(sources("jobTitle", "jobTitle", ""), title("[jobTitle]", flowNull))},

		{"list twice", user(listed(job.TargetAttribute{Name: "title"}, job.TargetAttribute{Name: "Title"}))},
		{"list, no path", user(listed(job.TargetAttribute{Name: "a b"}))},
		{"list, unknown words", user(listed(job.TargetAttribute{Name: "title", Type: "Float", Mutability: "Sometimes"}))},
		{"list, read only", user(listed(job.TargetAttribute{Name: "title", Mutability: job.ReadOnly}))},
		{"list, read only in the preset", user(preset(), listed(job.TargetAttribute{Name: "title", Mutability: job.ReadOnly}))},
		{"list, read only and required", user(listed(job.TargetAttribute{Name: "nickName", Mutability: job.ReadOnly, Required: true, DefaultValue: pointer("x")}))},
		{"list, write only to match by", user(listed(job.TargetAttribute{Name: "userName", Mutability: job.WriteOnly}))},
		{"list, binary", user(listed(job.TargetAttribute{Name: "title", Type: job.TypeBinary}))},
		{"list, reference", user(listed(job.TargetAttribute{Name: "title", Type: job.TypeReference}))},
		{"list, reference from manager", user(and(manager, "[manager]"), listed(job.TargetAttribute{Name: manager, Type: job.TypeReference}))},
		{"list, reference without expression", user(and(manager, "", defaulting("x")), listed(job.TargetAttribute{Name: manager, Type: job.TypeReference}))},
		{"list, reference that is required", user(and(manager, "[manager]"), listed(job.TargetAttribute{Name: manager, Type: job.TypeReference, Required: true}))},
		{"list, reference of a group", groupMapping(listed(job.TargetAttribute{Name: "members", Type: job.TypeReference}))},
		{"list, required and mapped", user(listed(job.TargetAttribute{Name: "title", Required: true}))},
		{"list, required and not mapped", user(listed(job.TargetAttribute{Name: "nickName", Required: true}))},
		{"list, required with default", user(listed(job.TargetAttribute{Name: "nickName", Required: true, DefaultValue: pointer("x")}))},
		{"list, default of what is not required", user(listed(job.TargetAttribute{Name: "title", DefaultValue: pointer("x")}))},
		{"list, default of another type", user(listed(job.TargetAttribute{Name: "nickName", Required: true, Type: job.TypeInteger, DefaultValue: pointer("x")}))},
		{"default of another type", user(title("[a]", defaulting("perhaps")), listed(job.TargetAttribute{Name: "title", Type: job.TypeBoolean}))},

		{"unique value", user(title(unique, flowing(job.FlowObjectAddOnly)))},
		{"unique value for ever", user(title(unique))},
		{"unique value to match by", user(title(unique, flowing(job.FlowObjectAddOnly), matching(2)))},
		{"unique value inside", user(title(`ToLower(`+unique+`)`, flowing(job.FlowObjectAddOnly)))},
		{"roles directly", user(and("roles", "[appRoleAssignments]"))},
		{"roles by function", user(and("roles", "AppRoleAssignmentsComplex([appRoleAssignments])"))},
		{"roles that flow null", user(and("roles", "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", flowNull), sources("appRoleAssignments"))},
		{"object filter", user(and("ObjectFilter", `IIF(IsPresent([a]), IgnoreObjectFlow, "x")`))},
		{"object filter that is more", user(and("objectFilter", `[a]`, matching(2), defaulting("x"), flowNull), sources("a"))},
		{"object filter without expression", user(and("objectFilter", "", defaulting("")))},

		{"nobody is disabled", user(func(m *job.Mapping) { m.Attributes = m.Attributes[1:] })},
		{"nobody is disabled, create only", user(func(m *job.Mapping) { m.Attributes[0].FlowType = job.FlowObjectAddOnly })},
		{"nobody is disabled, a filter", user(func(m *job.Mapping) { m.Attributes[0].Target = "objectFilter" })},
		{"nobody is disabled, preset", user(preset(), excluding("active"))},
		{"template without a table", groupMapping(func(m *job.Mapping) { m.Preset = job.PresetTemplate }, excluding("displayName"))},
		{"template", groupMapping(templated("displayName"))},
		{"template without what is excluded", groupMapping(templated("displayName"), excluding("members"))},
		{"template without what is matched", groupMapping(templated("displayName"), excluding("displayName"))},
		{"several at once", user(title("", matching(1)), and("id", "["), func(m *job.Mapping) { m.Enabled, m.Preset = false, "x" })},
	}
}

// What is said about every mistake, word by word.
func TestProblemsAndWarnings(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, c := range mappingCases() {
		fmt.Fprintf(&b, "# %s\n", c.name)
		for _, p := range c.mapping.Problems() {
			message := p.Message
			if place, _, found := strings.Cut(message, ": "); found && strings.HasPrefix(message, "line ") {
				message = place + ": …" // the words are the parser's
			}
			fmt.Fprintf(&b, "problem [%s] [%s] %s\n", p.Target, p.Field, message)
		}
		for _, p := range c.mapping.Warnings() {
			fmt.Fprintf(&b, "warning [%s] [%s] %s\n", p.Target, p.Field, p.Message)
		}
		b.WriteByte('\n')
	}
	path := filepath.Join("testdata", "problems.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("run with -update, and read what changed (-want +got):\n%s", diff)
	}
}

// Problems and Validate are one set of rules, in a stable order.
func TestValidateSaysWhatProblemsSay(t *testing.T) {
	t.Parallel()
	for _, c := range mappingCases() {
		problems, err := c.mapping.Problems(), c.mapping.Validate()
		if (len(problems) == 0) != (err == nil) {
			t.Errorf("%s: %d problems, but %v", c.name, len(problems), err)
		}
		for _, p := range problems {
			if !strings.Contains(err.Error(), p.Message) {
				t.Errorf("%s: %q is missing in %v", c.name, p.Message, err)
			}
		}
		ordered := slices.IsSortedFunc(problems, func(a, b job.Problem) int {
			return strings.Compare(a.Target+"\x00"+a.Field, b.Target+"\x00"+b.Field)
		})
		if !ordered {
			t.Errorf("%s: not sorted: %v", c.name, problems)
		}
	}
}
