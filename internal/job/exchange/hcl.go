package exchange

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// Form says what HCL writes.
type Form struct {
	// MappingsOnly leaves out app, source, connection, job and the provider's requirement: they exist elsewhere, the app as
	// provisioning_app.<label of its key>.
	MappingsOnly bool
	// From names the input, for the comment at the top.
	From string
}

// HCL returns the import as Terraform configuration in the format of terraform fmt. Equal imports give equal bytes.
func (i Import) HCL(form Form) []byte {
	w := &writer{Import: i, app: label(i.App.Key)}
	w.head(form)
	if !form.MappingsOnly {
		w.before()
	}
	for _, objectType := range []directory.ObjectType{directory.User, directory.Group} {
		w.mapping(objectType)
		for _, filter := range i.Filters {
			if filter.ObjectType == objectType {
				w.filter(filter)
			}
		}
	}
	if !form.MappingsOnly {
		w.job()
	}
	w.tail()
	return hclwrite.Format(append(bytes.Trim(w.Bytes(), "\n"), '\n'))
}

type writer struct {
	Import
	bytes.Buffer
	// app is the label of the app's resource.
	app string
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.Buffer, format+"\n", args...) }

// comment writes lines of a comment. Whatever a schema contains, a comment ends with its line.
func (w *writer) comment(indent string, lines ...string) {
	for _, line := range lines {
		clean := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF' {
				return ' '
			}
			return r
		}, line)
		w.line("%s", strings.TrimRight(indent+"# "+clean, " "))
	}
}

func (w *writer) note(indent string, n Note) {
	prefix := ""
	if n.Kind != Remark {
		prefix = n.Kind.String() + ": "
	}
	lines := []string{prefix + n.Message + " (" + n.Path + ")"}
	if n.Kind == Remark && len(n.Detail) == 0 {
		lines = []string{n.Message}
	}
	for _, detail := range n.Detail {
		lines = append(lines, "  "+detail)
	}
	if n.Attribute != nil {
		lines = append(lines, "  "+attributeLine(*n.Attribute))
	}
	w.comment(indent, lines...)
}

// notes writes the notes that belong to one place.
func (w *writer) notes(indent string, belongs func(Note) bool) {
	for _, n := range w.Notes {
		if belongs(n) {
			w.note(indent, n)
		}
	}
}

func (w *writer) head(form Form) {
	if form.From != "" {
		w.comment("", "Imported from "+form.From+", a synchronization schema of Microsoft Entra. What has no counterpart is in comments.")
	}
	general := func(n Note) bool { return n.ObjectType == "" && n.Kind != Remark }
	if slices.ContainsFunc(w.Notes, general) {
		w.comment("", "")
		w.notes("", general)
	}
}

// tail writes what is for information only.
func (w *writer) tail() {
	w.line("")
	w.notes("", func(n Note) bool { return n.ObjectType == "" && n.Kind == Remark })
}

func (w *writer) mapping(objectType directory.ObjectType) {
	n := slices.IndexFunc(w.Mappings, func(m job.Mapping) bool { return m.ObjectType == objectType })
	whole := func(note Note) bool {
		return note.ObjectType == objectType && note.Filter == "" && (note.Target == "" || n < 0)
	}
	if n < 0 {
		if slices.ContainsFunc(w.Notes, whole) {
			w.line("")
			w.comment("", fmt.Sprintf("There is no mapping for objects of the type %s.", objectType))
			w.notes("", whole)
			w.line("")
		}
		return
	}
	m := w.Mappings[n]
	w.line("")
	w.notes("", whole)
	w.line("resource \"provisioning_attribute_mapping\" %s {", quoted(string(objectType)))
	w.line("app_id = provisioning_app.%s.id", w.app)
	w.line("object_type = %s", quoted(string(objectType)))
	if !m.Enabled {
		w.line("enabled = false")
	}
	if actions := actionNames(m.Actions); len(actions) < 3 {
		w.line("actions = %s", list(actions))
	}
	if m.Preset != "" {
		w.line("preset = %s", quoted(m.Preset))
	}
	if len(m.Exclude) > 0 {
		w.line("exclude = %s", list(m.Exclude))
	}
	if m.CompositeMatching {
		w.line("composite_matching = true")
	}
	w.attributes(m)
	w.lists(m)
	w.line("}")
}

func (w *writer) attributes(m job.Mapping) {
	targets := map[string]bool{}
	for _, a := range m.Attributes {
		targets[a.Target] = true
	}
	about := func(n Note) bool { return n.ObjectType == m.ObjectType && n.Filter == "" && n.Target != "" }
	other := func(n Note) bool { return about(n) && !targets[n.Target] }
	if len(m.Attributes) == 0 {
		w.notes("  ", about)
		return
	}
	w.line("\n  attributes = {")
	for _, a := range m.Attributes {
		w.notes("    ", func(n Note) bool { return about(n) && n.Target == a.Target })
		w.line("    %s", attributeLine(a))
	}
	w.notes("    ", other)
	w.line("  }")
}

func (w *writer) lists(m job.Mapping) {
	if len(m.SourceAttributes) > 0 {
		w.line("\n  source_attributes = {")
		for _, a := range m.SourceAttributes {
			w.line("    %s = { flow_null_values = %t }", quoted(a.Name), a.FlowNullValues)
		}
		w.line("  }")
	}
	if len(m.TargetAttributes) > 0 {
		w.line("\n  target_attributes = {")
		for _, a := range m.TargetAttributes {
			w.line("    %s = { %s }", quoted(a.Name), strings.Join(targetMembers(a), ", "))
		}
		w.line("  }")
	}
}

func (w *writer) filter(f job.Filter) {
	w.line("")
	w.notes("", func(n Note) bool { return n.Filter == f.Name })
	w.line("resource \"provisioning_scoping_filter\" %s {", quoted(filterLabel(f)))
	w.line("app_id = provisioning_app.%s.id", w.app)
	w.line("object_type = %s", quoted(string(f.ObjectType)))
	w.line("name = %s", quoted(f.Name))
	w.line("clauses = [")
	for _, c := range f.Clauses {
		value := ""
		switch len(c.Values) {
		case 0:
		case 1:
			value = ", value = " + quoted(c.Values[0])
		default:
			value = ", values = " + list(c.Values)
		}
		w.line("    { attribute = %s, operator = %s%s },", quoted(c.Attribute), quoted(string(c.Operator)), value)
	}
	w.line("  ]\n}")
}

// filterLabel is the label of a filter's resource. Names are unique in an app, and labels differ where names do.
func filterLabel(f job.Filter) string { return label(f.Name) }

// label makes an identifier of Terraform from a key.
func label(key string) string {
	if name := strings.ReplaceAll(key, "-", "_"); hclsyntax.ValidIdentifier(name) {
		return name
	}
	return "n_" + strings.ReplaceAll(key, "-", "_")
}

func attributeLines(m job.Mapping) []string {
	lines := make([]string, len(m.Attributes))
	for i, a := range m.Attributes {
		lines[i] = attributeLine(a)
	}
	return lines
}

func attributeLine(a job.AttributeMapping) string {
	var members []string
	if a.Expression != "" {
		members = append(members, "expression = "+quoted(a.Expression))
	}
	if a.DefaultValue != nil {
		members = append(members, "default_value = "+quoted(*a.DefaultValue))
	}
	if a.MatchingPrecedence != 0 {
		members = append(members, fmt.Sprintf("matching_precedence = %d", a.MatchingPrecedence))
	}
	if a.FlowType != job.FlowAlways {
		members = append(members, "flow_type = "+quoted(string(a.FlowType)))
	}
	if a.FlowBehavior == job.FlowInEveryUpdate {
		members = append(members, "flow_behavior = "+quoted(string(a.FlowBehavior)))
	}
	if a.FlowNullValues {
		members = append(members, "flow_null_values = true")
	}
	return quoted(a.Target) + " = { " + strings.Join(members, ", ") + " }"
}

func targetMembers(a job.TargetAttribute) []string {
	var members []string
	if a.Type != "" {
		members = append(members, "type = "+quoted(string(a.Type)))
	}
	if a.Required {
		members = append(members, "required = true")
	}
	if a.Multivalued != nil {
		members = append(members, fmt.Sprintf("multivalued = %t", *a.Multivalued))
	}
	if a.CaseExact != nil {
		members = append(members, fmt.Sprintf("case_exact = %t", *a.CaseExact))
	}
	if a.Mutability != "" {
		members = append(members, "mutability = "+quoted(string(a.Mutability)))
	}
	if a.DefaultValue != nil {
		members = append(members, "default_value = "+quoted(*a.DefaultValue))
	}
	return members
}

// actionNames are the actions as provisioning_attribute_mapping has them.
func actionNames(actions job.Actions) []string {
	var names []string
	for _, a := range []struct {
		allowed bool
		name    string
	}{{actions.Create, "create"}, {actions.Update, "update"}, {actions.Delete, "delete"}} {
		if a.allowed {
			names = append(names, a.name)
		}
	}
	return names
}

// quoted writes a text as a literal; template sequences in it are escaped.
func quoted(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}

func list(texts []string) string {
	literals := make([]string, len(texts))
	for i, text := range texts {
		literals[i] = quoted(text)
	}
	return "[" + strings.Join(literals, ", ") + "]"
}
