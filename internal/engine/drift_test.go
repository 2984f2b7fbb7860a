package engine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

type values = map[string]directory.Value

func on() directory.Value  { return directory.Boolean(true) }
func off() directory.Value { return directory.Boolean(false) }

var doubt = directory.Text("doubt")

func TestDrifted(t *testing.T) {
	t.Parallel()
	text := directory.Text
	list := func(elements ...string) directory.Value {
		made := make([]directory.Value, len(elements))
		for i, element := range elements {
			made[i] = text(element)
		}
		return directory.List(made...)
	}
	nulls := func(d *job.Definition) {
		users(d).SourceAttributes = []job.SourceAttribute{{Name: "department", FlowNullValues: true}}
		users(d).Attributes[2].FlowNullValues = true
	}
	only := func(target string, flowType job.FlowType) func(*job.Definition) {
		return attributes(mapped(target, "["+target+"]", flowing(flowType)))
	}
	for name, c := range map[string]struct {
		definition       func(*job.Definition)
		written, seen    values
		inactive, letGo  bool
		want             []string
		elsewhere, group bool
	}{
		"nothing changed":                        {written: values{"userName": text("ada"), "active": on(), "department": text("Sales")}, seen: values{"userName": text("ada"), "active": on(), "department": text("Sales")}},
		"a value changed":                        {written: values{"department": text("Sales")}, seen: values{"department": text("HR")}, want: []string{"department"}},
		"a value is gone":                        {written: values{"department": text("Sales")}, seen: values{}, want: []string{"department"}},
		"only the case of a value changed":       {written: values{"department": text("Sales")}, seen: values{"department": text("SALES")}},
		"the case of an exact value changed":     {definition: only("externalId", job.FlowAlways), written: values{"externalId": text("A")}, seen: values{"externalId": text("a")}, want: []string{"externalId"}},
		"a value where none was written":         {written: values{}, seen: values{"department": text("HR")}},
		"a value where an empty one was written": {definition: nulls, written: values{}, seen: values{"department": text("HR")}, want: []string{"department"}},
		"a value in doubt":                       {written: values{"department": doubt}, seen: values{"department": text("HR")}},
		"an attribute that is not mapped":        {written: values{"title": text("Clerk")}, seen: values{"title": text("Boss")}},
		"several, sorted":                        {written: values{"userName": text("ada"), "department": text("Sales"), "active": on()}, seen: values{"userName": text("eve"), "department": text("HR"), "active": off()}, want: []string{"active", "department", "userName"}},
		"the order of a list":                    {definition: only("roles", job.FlowAlways), written: values{"roles": list("a", "b")}, seen: values{"roles": list("b", "a")}},
		"one element of a list":                  {definition: only("roles", job.FlowAlways), written: values{"roles": list("a", "b")}, seen: values{"roles": list("a")}, want: []string{"roles"}},

		"switched off":                             {written: values{"active": on()}, seen: values{"active": off()}, want: []string{"active"}},
		"switched on":                              {inactive: true, written: values{"active": off()}, seen: values{"active": on()}, want: []string{"active"}},
		"an answer without active":                 {inactive: true, written: values{"active": off()}, seen: values{}},
		"another value of an account that is off":  {inactive: true, written: values{"active": off(), "department": text("Sales")}, seen: values{"active": off(), "department": text("HR")}},
		"an account that was let go, switched on":  {inactive: true, letGo: true, written: values{"active": off(), "department": text("Sales")}, seen: values{"active": on(), "department": text("HR")}, want: []string{"active"}},
		"an account that was let go, switched off": {letGo: true, written: values{"active": on()}, seen: values{"active": off()}},
		"an account that was let go, changed":      {letGo: true, written: values{"department": text("Sales")}, seen: values{"department": text("HR")}},

		"on create only":         {definition: only("title", job.FlowObjectAddOnly), written: values{"title": text("Clerk")}, seen: values{"title": text("Boss")}},
		"only if empty, changed": {definition: only("title", job.FlowAttributeAddOnly), written: values{"title": text("Clerk")}, seen: values{"title": text("Boss")}},
		"only if empty, emptied": {definition: only("title", job.FlowAttributeAddOnly), written: values{"title": text("Clerk")}, seen: values{}, want: []string{"title"}},
		"additions, one added":   {definition: only("roles", job.FlowMultiValueAddOnly), written: values{"roles": list("a")}, seen: values{"roles": list("a", "b")}},
		"additions, one removed": {definition: only("roles", job.FlowMultiValueAddOnly), written: values{"roles": list("a", "b")}, seen: values{"roles": list("b")}, want: []string{"roles"}},
		"what cannot be read": {definition: func(d *job.Definition) {
			users(d).TargetAttributes = []job.TargetAttribute{{Name: "department", Mutability: job.WriteOnly}}
		}, written: values{"department": text("Sales")}, seen: values{}},
		"a default that somebody removed":     {definition: attributes(mapped("title", "", defaulting("Clerk"))), written: values{"title": text("Boss")}, seen: values{}, want: []string{"title"}},
		"a default that nobody was seen with": {definition: attributes(mapped("title", "", defaulting("Clerk"))), written: values{}, seen: values{}},

		"another manager":                     {written: values{managerAttribute: text("boss")}, seen: values{managerAttribute: text("t-other")}, want: []string{managerAttribute}},
		"no manager any more":                 {written: values{managerAttribute: text("boss")}, seen: values{}, want: []string{managerAttribute}},
		"the same manager":                    {written: values{managerAttribute: text("boss")}, seen: values{managerAttribute: text("t-boss")}},
		"a manager where none was written":    {written: values{}, seen: values{managerAttribute: text("t-boss")}},
		"a manager who has no account":        {written: values{managerAttribute: text("ghost")}, seen: values{managerAttribute: text("t-ghost")}},
		"a manager in doubt":                  {written: values{managerAttribute: doubt}, seen: values{managerAttribute: text("t-other")}},
		"the name of a group":                 {group: true, written: values{"displayName": text("staff")}, seen: values{"displayName": text("club")}, want: []string{"displayName"}},
		"a type that is not provisioned":      {definition: func(d *job.Definition) { groups(d).Enabled = false }, group: true, written: values{"displayName": text("staff")}, seen: values{}},
		"members, which are never attributes": {group: true, written: values{"members": text("x")}, seen: values{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := c.definition
			if change == nil {
				change = func(*job.Definition) {}
			}
			objectType := directory.User
			if c.group {
				objectType = directory.Group
			}
			link := engine.Linked{Target: "t", Managed: !c.letGo, Active: !c.inactive, Exported: c.written}
			sight := engine.Sight{Attributes: c.seen, Referenced: map[directory.Anchor]directory.Anchor{"boss": "t-boss", "other": "t-other"}, Doubt: doubt}
			var want []engine.Drift
			for _, attribute := range c.want {
				want = append(want, engine.Drift{Attribute: attribute, Written: c.written[attribute], Observed: c.seen[attribute], Reference: attribute == managerAttribute})
			}
			if diff := cmp.Diff(want, compile(t, change).Drifted(objectType, link, sight)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	text := directory.Text
	department := engine.Drift{Attribute: "department", Written: text("Sales"), Observed: text("HR")}
	for name, c := range map[string]struct {
		exported values
		active   bool
		drifts   []engine.Drift
		want     engine.Linked
		changed  bool
	}{
		"a value":                    {values{"department": text("Sales"), "userName": text("ada")}, true, []engine.Drift{department}, engine.Linked{Active: true, Exported: values{"department": text("HR"), "userName": text("ada")}}, true},
		"nothing":                    {values{"department": text("Sales")}, true, []engine.Drift{{Attribute: "department", Written: text("Sales")}}, engine.Linked{Active: true, Exported: values{}}, true},
		"something for nothing":      {values{}, true, []engine.Drift{{Attribute: "department", Observed: text("HR")}}, engine.Linked{Active: true, Exported: values{"department": text("HR")}}, true},
		"written since":              {values{"department": text("Legal")}, true, []engine.Drift{department}, engine.Linked{Active: true, Exported: values{"department": text("Legal")}}, false},
		"being written":              {values{"department": doubt}, true, []engine.Drift{department}, engine.Linked{Active: true, Exported: values{"department": doubt}}, false},
		"another reference":          {values{"manager": text("boss")}, true, []engine.Drift{{Attribute: "manager", Written: text("boss"), Observed: text("t-x"), Reference: true}}, engine.Linked{Active: true, Exported: values{"manager": doubt}}, true},
		"no reference":               {values{"manager": text("boss")}, true, []engine.Drift{{Attribute: "manager", Written: text("boss"), Reference: true}}, engine.Linked{Active: true, Exported: values{}}, true},
		"switched on":                {values{"active": off()}, false, []engine.Drift{{Attribute: "active", Written: off(), Observed: on()}}, engine.Linked{Active: true, Exported: values{"active": on()}}, true},
		"switched off":               {values{"active": on()}, true, []engine.Drift{{Attribute: "active", Written: on(), Observed: off()}}, engine.Linked{Exported: values{"active": off()}}, true},
		"switched on, being written": {values{"active": doubt}, false, []engine.Drift{{Attribute: "active", Written: off(), Observed: on()}}, engine.Linked{Exported: values{"active": doubt}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, changed := compile(t).Seen(engine.Linked{Active: c.active, Exported: c.exported}, c.drifts, doubt)
			if diff := cmp.Diff(c.want, got); diff != "" || changed != c.changed {
				t.Errorf("changed %v (-want +got):\n%s", changed, diff)
			}
		})
	}
}
