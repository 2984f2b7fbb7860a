package job_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// described is a target's schema in one line for each attribute: path, type, then "multi", "required" or a mutability.
func described(lines ...string) job.Schema {
	schema := job.Schema{WritesBoolean: func(target string) bool { return target == "active" }}
	for _, line := range lines {
		words := strings.Fields(line)
		attribute := job.SchemaAttribute{ObjectType: directory.User, Path: words[0], Type: words[1], Mutability: "readWrite"}
		for _, word := range words[2:] {
			switch word {
			case "multi":
				attribute.MultiValued = true
			case "required":
				attribute.Required = true
			default:
				attribute.Mutability = word
			}
		}
		schema.Attributes = append(schema.Attributes, attribute)
	}
	return schema
}

func TestSchemaProblems(t *testing.T) {
	t.Parallel()
	usual := []string{"userName string required", "active boolean", "displayName string", "title string", "nickName string readOnly", "userType string immutable",
		"name complex", "name.familyName string", "name.givenName string", "emails complex multi", "emails.value string", "emails.type string",
		"phones complex multi", "phones.value string", "photos complex multi", "level integer", "flag boolean",
		enterprise + ":department string", enterprise + ":manager complex", enterprise + ":manager.value string"}
	to := func(target, expression string) job.AttributeMapping {
		return job.AttributeMapping{Target: target, Expression: expression}
	}
	list := func(name string, kind job.AttributeType) job.TargetAttribute {
		return job.TargetAttribute{Name: name, Type: kind}
	}
	yes := true
	for name, c := range map[string]struct {
		mapped []job.AttributeMapping
		listed []job.TargetAttribute
		want   map[string]string
	}{
		"all is known": {[]job.AttributeMapping{to("USERNAME", "[x]"), to("active", "[x]"), to("urn:ietf:params:scim:schemas:core:2.0:User:title", "[x]"), to("name.familyName", "[x]"),
			to(`emails[type eq "work"].value`, "[x]"), to("emails", `Split([x], ",")`), to(enterprise+":department", "[x]"), to("manager", "[manager]"), to(enterprise+":manager", "[m]"),
			to("externalId", "[x]"), to("objectFilter", "[x]"), to(`photos[type eq "photo"].value`, "[x]"), to("level", `"7"`), to("flag", "[x]")}, nil, nil},
		"a typo":                 {[]job.AttributeMapping{to("displayNam", "[x]")}, nil, map[string]string{"displayNam": "did you mean displayName?"}},
		"another schema":         {[]job.AttributeMapping{to("department", "[x]")}, nil, map[string]string{"department": "did you mean " + enterprise + ":department?"}},
		"nothing like it":        {[]job.AttributeMapping{to("urn:example:x:costCode", "[x]")}, nil, map[string]string{"urn:example:x:costCode": "no such attribute; correct it"}},
		"an unknown part":        {[]job.AttributeMapping{to("name.familiName", "[x]")}, nil, map[string]string{"name.familiName": "did you mean name.familyName?"}},
		"an unknown filter part": {[]job.AttributeMapping{to(`phones[type eq "work"].value`, "[x]")}, nil, map[string]string{`phones[type eq "work"].value`: "selects by type, which phones does not have"}},
		"a filter on one value":  {[]job.AttributeMapping{to(`title[type eq "work"].value`, "[x]")}, nil, map[string]string{`title[type eq "work"].value`: "has one value"}},
		"a part of one value":    {[]job.AttributeMapping{to("title.value", "[x]")}, nil, map[string]string{"title.value": "title has no parts in the target's schema; map title"}},
		"read-only":              {[]job.AttributeMapping{to("nickName", "[x]")}, nil, map[string]string{"nickName": "read-only"}},
		"immutable":              {[]job.AttributeMapping{to("userType", "[x]")}, nil, map[string]string{"userType": `flow_type = "ObjectAddOnly"`}},
		"a whole with parts":     {[]job.AttributeMapping{to("name", "[x]")}, nil, map[string]string{"name": "map one of them: name.familyName, name.givenName"}},
		"a list for one value":   {[]job.AttributeMapping{to("title", `Split([x], ",")`)}, nil, map[string]string{"title": "makes a list"}},
		"declared as a list":     {[]job.AttributeMapping{to("title", "[x]")}, []job.TargetAttribute{{Name: "title", Multivalued: &yes}}, map[string]string{"title": "makes a list"}},
		"text for a boolean":     {[]job.AttributeMapping{to("flag", `"maybe"`)}, nil, map[string]string{"flag": "writes something else"}},
		"a boolean as text":      {[]job.AttributeMapping{to("flag", `"True"`)}, nil, map[string]string{"flag": `type = "Boolean"`}},
		"a declared boolean":     {[]job.AttributeMapping{to("flag", `"True"`)}, []job.TargetAttribute{list("flag", job.TypeBoolean)}, nil},
		"a declared number":      {[]job.AttributeMapping{to("flag", "[x]")}, []job.TargetAttribute{list("flag", job.TypeInteger)}, map[string]string{"flag": "a boolean in the target's schema"}},
		"a boolean for a string": {[]job.AttributeMapping{to("title", "[x]")}, []job.TargetAttribute{list("title", job.TypeBoolean)}, map[string]string{"title": "writes a boolean"}},
		"words for a number":     {[]job.AttributeMapping{to("level", `"seven"`)}, nil, map[string]string{"level": "a number in the target's schema"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mapped := c.mapped
			if name != "all is known" {
				mapped = append(mapped, to("userName", "[x]"))
			}
			m := job.Mapping{ObjectType: directory.User, Actions: job.Actions{Create: true, Update: true}, Attributes: mapped, TargetAttributes: c.listed}
			got := map[string]string{}
			for _, problem := range m.SchemaProblems(described(usual...)) {
				got[problem.Target] = problem.Message
			}
			for target, message := range c.want {
				if !strings.Contains(got[target], message) {
					t.Errorf("%s: %q, want %q", target, got[target], message)
				}
				delete(got, target)
			}
			if len(got) > 0 {
				t.Errorf("not expected: %v", got)
			}
		})
	}
}

func TestSchemaProblemsOfWhatIsMissing(t *testing.T) {
	t.Parallel()
	schema := described("userName string required", "password string required writeOnly", "id string required readOnly", "externalId string required", "name complex required", "name.familyName string required",
		"name.middleName string", "address complex", "address.street string required", "emails complex multi required", "emails.value string required", "emails.type string")
	of := func(m job.Mapping) (targets []string) {
		for _, problem := range m.SchemaProblems(schema) {
			targets = append(targets, problem.Target)
		}
		return targets
	}
	m := job.Mapping{ObjectType: directory.User, Actions: job.Actions{Create: true}, Attributes: []job.AttributeMapping{
		{Target: "name.middleName", Expression: "[x]"}, {Target: `emails[type eq "work"].value`, Expression: "[x]"},
	}}
	if diff := cmp.Diff([]string{"name.familyName", "password", "userName"}, of(m)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.Actions.Create = false
	if got := of(m); len(got) > 0 {
		t.Errorf("nothing is created, and %v is demanded", got)
	}
	m.Actions.Create, m.ObjectType = true, directory.Group
	if got := of(m); len(got) > 0 {
		t.Errorf("the target says nothing about groups, and %v is doubted", got)
	}
}
