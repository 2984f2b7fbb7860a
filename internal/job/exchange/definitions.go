package exchange

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// objectIn returns the definition of an object in a directory, nil when there is none.
func objectIn(in *value, name string) *value {
	for _, object := range in.list("objects") {
		if object.find("name").written() == name {
			return object
		}
	}
	return nil
}

// attributeLists reads what the directories say of the attributes that a mapping uses (mappings-and-scoping.md 6).
func (i *importer) attributeLists(mapping *job.Mapping, source, target *value) {
	var names []string
	for _, a := range mapping.Attributes {
		if parsed, err := expression.Parse(a.Expression); err == nil {
			names = append(names, parsed.Attributes()...)
		}
	}
	for _, filter := range i.result.Filters {
		for _, clause := range filter.Clauses {
			if filter.ObjectType == mapping.ObjectType {
				names = append(names, clause.Attribute)
			}
		}
	}
	i.used[source], i.used[target] = true, true
	for _, definition := range source.list("attributes") {
		name := definition.find("name").written()
		if !slices.Contains(names, name) {
			continue
		}
		i.used[definition] = true
		if flows, _ := definition.flag("flowNullValues"); flows {
			mapping.SourceAttributes = append(mapping.SourceAttributes, job.SourceAttribute{Name: name, FlowNullValues: true})
		}
		definition.consume() // LeftOut: the source itself says what its attributes are
	}
	slices.SortFunc(mapping.SourceAttributes, func(a, b job.SourceAttribute) int { return strings.Compare(a.Name, b.Name) })
	for _, definition := range target.list("attributes") {
		name := definition.find("name").written()
		n := slices.IndexFunc(mapping.Attributes, func(a job.AttributeMapping) bool { return job.SameTarget(a.Target, name) })
		if n < 0 || i.used[definition] {
			continue
		}
		i.used[definition] = true
		if attribute := i.targetAttribute(definition, mapping.Attributes[n].Target, mapping.ObjectType); attribute != (job.TargetAttribute{Name: attribute.Name}) {
			mapping.TargetAttributes = append(mapping.TargetAttributes, attribute)
		}
	}
	slices.SortFunc(mapping.TargetAttributes, func(a, b job.TargetAttribute) int { return strings.Compare(a.Name, b.Name) })
}

// targetAttribute reads what differs from the defaults of an attribute list.
func (i *importer) targetAttribute(v *value, name string, objectType directory.ObjectType) job.TargetAttribute {
	at := Note{ObjectType: objectType, Target: name}
	v.scalar("name")
	a := job.TargetAttribute{Name: name}
	if a.Type = choice(i, v, "type", job.TypeString, job.AttributeTypes(), at); a.Type == job.TypeString {
		a.Type = ""
	}
	if a.Mutability = choice(i, v, "mutability", job.ReadWrite, job.Mutabilities(), at); a.Mutability == job.ReadWrite {
		a.Mutability = ""
	}
	a.Required, _ = v.flag("required")
	yes := true
	if set, _ := v.flag("multivalued"); set {
		a.Multivalued = &yes
	}
	if set, _ := v.flag("caseExact"); set {
		a.CaseExact = &yes
	}
	if text, ok := v.scalar("defaultValue"); ok && text != "" {
		a.DefaultValue = &text
	}
	v.scalar("flowNullValues") // of a target attribute it means nothing
	if references := v.find("referencedObjects"); references != nil {
		if slices.ContainsFunc(references.elements, func(r *value) bool {
			_, ok := objectTypeOf(r.find("referencedObjectName").written())
			return !ok
		}) {
			at.Message = "the attribute refers to something else than users and groups; references become identifiers of users and groups"
			i.drop(references, at)
		}
		references.consume() // LeftOut: references are to users and groups
	}
	i.metadata(v, attributeMetadata(), at)
	return a
}

// definitions reports what the directories say besides: objects without a mapping and attributes that nothing uses.
func (i *importer) definitions() {
	for _, d := range i.schema.list("directories") {
		i.metadata(d, nil, Note{})
		for _, object := range d.list("objects") {
			name, _ := object.scalar("name")
			i.metadata(object, nil, Note{})
			var names []string
			for _, definition := range object.list("attributes") {
				if i.used[definition] {
					continue
				}
				names = append(names, cmp.Or(definition.find("name").written(), definition.compact()))
				required, _ := definition.flag("required")
				anchor, _ := definition.flag("anchor")
				if !anchor && !entra(d.find("name").written()) && i.used[object] && required {
					i.note(Note{Kind: Attention, Path: definition.path, Message: fmt.Sprintf("the application requires %s, and nothing maps it", inline(names[len(names)-1]))})
				}
				definition.consume()
			}
			where := fmt.Sprintf("%s of %s", inline(name), inline(d.find("name").written()))
			switch {
			case !i.used[object]:
				i.note(Note{Path: object.path, Message: "object " + where + " has no mapping; its attributes are left out", Detail: wrapped(names)})
			case len(names) > 0:
				i.note(Note{Path: object.path + ".attributes", Message: fmt.Sprintf("%s of %s that nothing uses, left out", count(len(names), "attribute"), where), Detail: wrapped(names)})
			}
		}
	}
}

// wrapped lists names in lines.
func wrapped(names []string) []string {
	var lines []string
	line := ""
	for n, name := range names {
		if n < len(names)-1 {
			name += ","
		}
		if line != "" && len(line)+len(name) >= lineWidth {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += name
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}
