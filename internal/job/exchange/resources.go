package exchange

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job/template"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// Resources are the resources of this provider that were found in configuration or state.
type Resources struct {
	found []resource
}

// resource is one resource with its attributes in the form of JSON. place says where it was read, for errors.
type resource struct {
	kind, name, place string
	values            map[string]any
}

const (
	kindApp     = "provisioning_app"
	kindMapping = "provisioning_attribute_mapping"
	kindFilter  = "provisioning_scoping_filter"
	kindJob     = "provisioning_job"
)

// Join adds the resources of another file or directory.
func (r Resources) Join(other Resources) Resources {
	return Resources{found: append(slices.Clip(r.found), other.found...)}
}

// Apps returns the keys of the apps that have mappings or filters, sorted.
func (r Resources) Apps() []string {
	var keys []string
	for _, found := range r.found {
		if found.kind == kindMapping || found.kind == kindFilter {
			key, _ := found.values["app_id"].(string)
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Configuration returns what there is of one app; app may be empty when there is only one. Where jobs of the app name the
// mappings and filters they use, the others are left out and returned in unused, by their place. The error joins
// everything that is wrong.
func (r Resources) Configuration(app string) (c Configuration, unused []string, err error) {
	apps := r.Apps()
	switch {
	case len(apps) == 0:
		return c, nil, errors.New("there is no provisioning_attribute_mapping and no provisioning_scoping_filter")
	case app == "" && len(apps) > 1:
		return c, nil, fmt.Errorf("there are mappings of %d apps, %s: choose one with --app", len(apps), strings.Join(apps, ", "))
	case app == "":
		app = apps[0]
	case !slices.Contains(apps, app):
		return c, nil, fmt.Errorf("there is nothing of app %s, only of %s", app, strings.Join(apps, ", "))
	}
	c.App = job.App{Key: app, DisplayName: app}
	for _, found := range r.found {
		if found.kind == kindApp && cmp.Or(found.text("id"), found.text("key")) == app {
			c.App.DisplayName, c.App.Template = cmp.Or(found.text("display_name"), app), found.text("template")
		}
	}
	refers := r.referredTo(app)
	var problems []error
	for _, found := range r.found {
		if found.text("app_id") != app {
			continue
		}
		var id string
		var checked error
		switch found.kind {
		case kindMapping:
			mapping, err := template.Fill(c.App, found.mapping())
			if id, checked = mapping.ID(), cmp.Or(err, mapping.Validate()); refers(id) {
				c.Mappings = append(c.Mappings, mapping)
			}
		case kindFilter:
			filter := found.filter()
			if id, checked = filter.ID(), filter.Validate(); refers(id) {
				c.Filters = append(c.Filters, filter)
			}
		default:
			continue
		}
		if !refers(id) {
			unused = append(unused, found.place)
		} else if checked != nil {
			problems = append(problems, fmt.Errorf("%s: %w", found.place, checked))
		}
	}
	slices.SortStableFunc(c.Filters, func(a, b job.Filter) int {
		return cmp.Or(byType(a.ObjectType, b.ObjectType), cmp.Compare(a.Name, b.Name))
	})
	slices.SortStableFunc(c.Mappings, func(a, b job.Mapping) int { return byType(a.ObjectType, b.ObjectType) })
	for n := 1; n < len(c.Mappings); n++ {
		if c.Mappings[n].ObjectType == c.Mappings[n-1].ObjectType {
			problems = append(problems, fmt.Errorf("app %s has two mappings of the type %s", app, c.Mappings[n].ObjectType))
		}
	}
	return c, unused, errors.Join(problems...)
}

// referredTo says which drafts the jobs of an app use: all of them, when there is no job.
func (r Resources) referredTo(app string) func(id string) bool {
	var ids []string
	jobs := 0
	for _, found := range r.found {
		if found.kind == kindJob && found.text("app_id") == app {
			jobs++
			ids = append(ids, append(found.texts("mapping_ids"), found.texts("scoping_filter_ids")...)...)
		}
	}
	return func(id string) bool { return jobs == 0 || slices.Contains(ids, id) }
}

func (r resource) text(name string) string {
	text, _ := r.values[name].(string)
	return text
}

func (r resource) texts(name string) []string { return textsOf(r.values[name]) }

func textsOf(raw any) []string {
	elements, _ := raw.([]any)
	var texts []string
	for _, element := range elements {
		if text, ok := element.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

func (r resource) mapping() job.Mapping {
	m := job.Mapping{
		AppKey: r.text("app_id"), ObjectType: directory.ObjectType(r.text("object_type")), Enabled: true,
		Preset: r.text("preset"), Exclude: r.texts("exclude"), Actions: job.Actions{Create: true, Update: true, Delete: true},
	}
	if enabled, ok := r.values["enabled"].(bool); ok {
		m.Enabled = enabled
	}
	m.CompositeMatching, _ = r.values["composite_matching"].(bool)
	if actions := r.texts("actions"); len(actions) > 0 {
		m.Actions = job.Actions{
			Create: slices.Contains(actions, "create"), Update: slices.Contains(actions, "update"), Delete: slices.Contains(actions, "delete"),
		}
	}
	for target, a := range sortedMembers(r.values["attributes"]) {
		m.Attributes = append(m.Attributes, job.AttributeMapping{
			Target: target, Expression: textIn(a, "expression"), DefaultValue: pointerIn[string](a, "default_value"),
			MatchingPrecedence: wholeIn(a, "matching_precedence"),
			FlowType:           cmp.Or(job.FlowType(textIn(a, "flow_type")), job.FlowAlways),
			FlowBehavior:       cmp.Or(job.FlowBehavior(textIn(a, "flow_behavior")), job.FlowWhenChanged),
			FlowNullValues:     flagIn(a, "flow_null_values"),
		})
	}
	for name, a := range sortedMembers(r.values["source_attributes"]) {
		m.SourceAttributes = append(m.SourceAttributes, job.SourceAttribute{Name: name, FlowNullValues: flagIn(a, "flow_null_values")})
	}
	for name, a := range sortedMembers(r.values["target_attributes"]) {
		m.TargetAttributes = append(m.TargetAttributes, job.TargetAttribute{
			Name: name, Type: job.AttributeType(textIn(a, "type")), Required: flagIn(a, "required"),
			Multivalued: pointerIn[bool](a, "multivalued"), CaseExact: pointerIn[bool](a, "case_exact"),
			Mutability: job.Mutability(textIn(a, "mutability")), DefaultValue: pointerIn[string](a, "default_value"),
		})
	}
	return m
}

func (r resource) filter() job.Filter {
	f := job.Filter{AppKey: r.text("app_id"), Name: r.text("name"), ObjectType: directory.ObjectType(r.text("object_type"))}
	clauses, _ := r.values["clauses"].([]any)
	for _, raw := range clauses {
		c, _ := raw.(map[string]any)
		clause := scope.Clause{Attribute: textIn(c, "attribute"), Operator: scope.Operator(textIn(c, "operator")), Values: textsOf(c["values"])}
		if value, ok := c["value"].(string); ok {
			clause.Values = []string{value}
		}
		slices.Sort(clause.Values)
		f.Clauses = append(f.Clauses, clause)
	}
	return f
}
