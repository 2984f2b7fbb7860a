package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/exchange"
)

// wiki is a configuration as people write it: in two files, with references, and a filter that no job uses.
var wiki = []exchange.File{
	{Name: "app.tf", Text: []byte(`
resource "provisioning_app" "wiki" {
  key          = "wiki"
  display_name = "Wiki"
}

resource "provisioning_job" "wiki" {
  app_id             = provisioning_app.wiki.id
  source_id          = provisioning_source.people.id
  connection_id      = var.connection
  mapping_ids        = [provisioning_attribute_mapping.users.id]
  scoping_filter_ids = [provisioning_scoping_filter.sales.id]
}
`)},
	{Name: "mapping.tf", Text: []byte(`
resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.wiki.id
  object_type = "user"
  actions     = ["delete", "create"]
  attributes = {
    userName = { expression = "[userPrincipalName]", matching_precedence = 1 }
    title    = { default_value = "none" }
    active   = { expression = "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")" }
  }
  target_attributes = { active = { type = "Boolean" } }
}

resource "provisioning_scoping_filter" "sales" {
  app_id      = provisioning_app.wiki.key
  object_type = provisioning_attribute_mapping.users.object_type
  name        = "sales"
  clauses     = [{ attribute = "department", operator = "NOT EQUALS", values = ["B", "A"] }]
}

resource "provisioning_scoping_filter" "forgotten" {
  app_id      = "wiki"
  object_type = "user"
  name        = "forgotten"
  clauses     = [{ attribute = "mail", operator = "IS NULL" }]
}
`)},
}

// state is what terraform show -json prints of the same, in a module.
const state = `{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"child_modules": [{"address": "module.wiki", "resources": [
  {"address": "module.wiki.provisioning_app.wiki", "mode": "managed", "type": "provisioning_app", "name": "wiki", "values": {"id": "wiki", "key": "wiki", "display_name": "Wiki"}},
  {"address": "module.wiki.provisioning_job.wiki", "mode": "managed", "type": "provisioning_job", "name": "wiki", "values": {"app_id": "wiki", "mapping_ids": ["wiki/user"], "scoping_filter_ids": ["wiki/sales"]}},
  {"address": "module.wiki.provisioning_attribute_mapping.users", "mode": "managed", "type": "provisioning_attribute_mapping", "name": "users", "values": {
    "app_id": "wiki", "object_type": "user", "enabled": true, "actions": ["create", "delete"], "preset": null, "exclude": null, "source_attributes": null,
    "attributes": {
      "userName": {"expression": "[userPrincipalName]", "default_value": null, "matching_precedence": 1, "flow_type": "Always", "flow_behavior": "FlowWhenChanged", "flow_null_values": false},
      "title": {"expression": null, "default_value": "none", "matching_precedence": null, "flow_type": "Always", "flow_behavior": "FlowWhenChanged", "flow_null_values": false},
      "active": {"expression": "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")", "default_value": null, "matching_precedence": null, "flow_type": "Always", "flow_behavior": "FlowWhenChanged", "flow_null_values": false}},
    "target_attributes": {"active": {"type": "Boolean", "required": false, "multivalued": null, "case_exact": null, "mutability": null, "default_value": null}}}},
  {"address": "module.wiki.provisioning_scoping_filter.sales", "mode": "managed", "type": "provisioning_scoping_filter", "name": "sales", "values": {"app_id": "wiki", "object_type": "user", "name": "sales",
    "clauses": [{"attribute": "department", "operator": "NOT EQUALS", "value": null, "values": ["A", "B"]}]}},
  {"address": "module.wiki.provisioning_scoping_filter.forgotten", "mode": "managed", "type": "provisioning_scoping_filter", "name": "forgotten", "values": {"app_id": "wiki", "object_type": "user", "name": "forgotten",
    "clauses": [{"attribute": "mail", "operator": "IS NULL", "value": null, "values": null}]}}
]}]}}}`

func TestExport(t *testing.T) {
	t.Parallel()
	fromText, err := exchange.ReadConfiguration(wiki)
	if err != nil {
		t.Fatal(err)
	}
	fromState, err := exchange.ReadState([]byte(state))
	if err != nil {
		t.Fatal(err)
	}
	fromPlan, err := exchange.ReadState([]byte(strings.Replace(state, `"values": {"root_module"`, `"values": {}, "planned_values": {"root_module"`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		resources exchange.Resources
		unused    string
	}{
		"configuration": {fromText, "mapping.tf:21: provisioning_scoping_filter.forgotten"},
		"state":         {fromState, "module.wiki.provisioning_scoping_filter.forgotten"},
		"plan":          {fromPlan, "module.wiki.provisioning_scoping_filter.forgotten"},
	} {
		configuration, unused, err := c.resources.Configuration("wiki")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{c.unused}, unused); diff != "" {
			t.Errorf("%s: unused (-want +got):\n%s", name, diff)
		}
		golden(t, "export.json", string(schema(t, configuration)))
	}
}

func TestExportErrors(t *testing.T) {
	t.Parallel()
	mapping := func(lines string) string {
		return "resource \"provisioning_attribute_mapping\" \"m\" {\n  app_id      = \"wiki\"\n  object_type = \"user\"\n" + lines + "\n}\n"
	}
	const match = `attributes = { "userName" = { expression = "[mail]", matching_precedence = 1 } }`
	for name, c := range map[string]struct{ text, app, want string }{
		"variable":       {mapping(`  attributes = { "userName" = { expression = var.x, matching_precedence = 1 } }`), "", "main.tf:4: There is no variable named"},
		"other resource": {mapping(match + "\n  actions = local.actions"), "", "main.tf:5:"},
		"function":       {mapping(match + "\n  actions = toset([\"create\"])"), "", "main.tf:5:"},
		"advice":         {mapping(`  attributes = { "userName" = { expression = "${var.x}" } }`), "", "use the state instead: terraform show -json > state.json"},
		"for_each":       {mapping(match + "\n  for_each = {}"), "", "main.tf:5: for_each of provisioning_attribute_mapping.m: only literal values"},
		"no HCL":         {"resource {", "", "main.tf:1:"},
		"wrong":          {mapping(`  attributes = { "userName" = { expression = "Foo([mail])", matching_precedence = 1 } }`), "", "main.tf:1: provisioning_attribute_mapping.m: "},
		"nothing":        {`resource "provisioning_app" "a" { key = "a" }`, "", "there is no provisioning_attribute_mapping and no provisioning_scoping_filter"},
		"several apps":   {mapping(match) + strings.NewReplacer(`"wiki"`, `"crm"`, `"m"`, `"n"`).Replace(mapping(match)), "", "there are mappings of 2 apps, crm, wiki: choose one with --app"},
		"no such app":    {mapping(match), "crm", "there is nothing of app crm, only of wiki"},
		"twice":          {mapping(match) + strings.Replace(mapping(match), `"m"`, `"n"`, 1), "", "app wiki has two mappings of the type user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resources, err := exchange.ReadConfiguration([]exchange.File{{Name: "main.tf", Text: []byte(c.text)}})
			if err == nil {
				_, _, err = resources.Configuration(c.app)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestStateErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":      {"{\n  oops", "line 2, column 3: not valid JSON"},
		"something":    {`{"a": 1}`, "this is not the output of terraform show -json"},
		"state file":   {`{"version": 4, "resources": [{"mode": "managed"}]}`, "this is a state file"},
		"empty state":  {`{"format_version": "1.0"}`, "the state is empty"},
		"failed plan":  {`{"format_version": "1.2", "errored": true, "planned_values": {}}`, "the plan failed"},
		"another form": {`{"values": 7}`, "not the output of terraform show -json"},
	} {
		if _, err := exchange.ReadState([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// A table that an app's template gives is written out, as any other preset's.
func TestExportOfATemplate(t *testing.T) {
	t.Parallel()
	const text = `
resource "provisioning_attribute_mapping" "users" {
  app_id      = provisioning_app.chat.id
  object_type = "user"
  preset      = "template"
  exclude     = ["title"]
}

resource "provisioning_app" "chat" {
  key          = "chat"
  display_name = "Chat"
  template     = %q
}
`
	read := func(template string) (exchange.Configuration, error) {
		resources, err := exchange.ReadConfiguration([]exchange.File{{Name: "main.tf", Text: fmt.Appendf(nil, text, template)}})
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := resources.Configuration("")
		return c, err
	}
	c, err := read("slack")
	if err != nil {
		t.Fatal(err)
	}
	written := string(schema(t, c))
	// data/slack.json: the user name is the short one.
	if !strings.Contains(written, `"name": "mailNickname"`) || strings.Contains(written, `"targetAttributeName": "title"`) || !strings.Contains(written, `"targetAttributeName": "displayName"`) {
		t.Error(written)
	}
	for template, want := range map[string]string{"slak": `there is no template "slak"`, "": "the app has no template with default mappings for user objects"} {
		if _, err := read(template); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", template, err)
		}
	}
}
