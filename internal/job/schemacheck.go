package job

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
)

// SchemaAttribute is an attribute as a target's own schema has it (RFC 7643 7); the words are those of the RFC.
type SchemaAttribute struct {
	ObjectType            directory.ObjectType
	Path                  string
	Type                  string
	MultiValued, Required bool
	Mutability            string
}

// Schema is what a target says about the attributes of one object type.
type Schema struct {
	Attributes []SchemaAttribute
	// WritesBoolean says whether the connector sends an attribute as a boolean, whatever the mapping yields.
	WritesBoolean func(target string) bool
}

// SchemaProblems compares the mapping with what its target says about itself, sorted by target. They are doubts, not errors: schemas
// that targets publish are often incomplete, and the target has the last word. A target that says nothing raises none.
func (m Mapping) SchemaProblems(schema Schema) []Problem {
	c := schemaCheck{byPath: map[string]SchemaAttribute{}, schema: schema}
	for _, attribute := range schema.Attributes {
		if attribute.ObjectType == m.ObjectType {
			c.byPath[schemaKey(attribute.Path)] = attribute
			c.paths = append(c.paths, attribute.Path)
		}
	}
	if len(c.byPath) == 0 {
		return nil
	}
	slices.SortFunc(c.paths, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	covered := map[string]bool{}
	for _, mapped := range m.Effective() {
		if strings.EqualFold(mapped.Target, ObjectFilter) {
			continue
		}
		path := parseTarget(mapped.Target)
		covered[path.whole()], covered[path.key()] = true, true
		c.mapped(m, mapped, path)
	}
	if m.Actions.Create {
		c.missing(covered)
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int { return cmp.Compare(strings.ToLower(a.Target), strings.ToLower(b.Target)) })
	return c.problems
}

// commonAttributes need not be in any schema (RFC 7643 3.1), and are the target's own or the client's affair.
var commonAttributes = []string{"id", "externalid", "meta", "schemas"}

type schemaCheck struct {
	schema   Schema
	byPath   map[string]SchemaAttribute
	paths    []string
	problems []Problem
}

func (c *schemaCheck) doubt(target, format string, args ...any) {
	c.problems = append(c.problems, Problem{Target: target, Field: "target", Message: fmt.Sprintf(format, args...)})
}

func (c *schemaCheck) mapped(m Mapping, mapped AttributeMapping, path targetPath) {
	if slices.Contains(commonAttributes, path.whole()) {
		return
	}
	whole, known := c.byPath[path.whole()]
	attribute, exact := c.byPath[path.key()]
	if !exact {
		// A whole whose parts are not listed may have any.
		if !known || path.sub == "" || c.hasParts(path) {
			c.doubt(mapped.Target, "the target's schema has no such attribute%s", c.suggestion(path))
			return
		}
		if path.by == "" && !whole.MultiValued && whole.Type != "" && whole.Type != "complex" {
			c.doubt(mapped.Target, "%s has no parts in the target's schema; map %s", whole.Path, whole.Path)
			return
		}
		attribute = whole
	}
	if known && path.by != "" {
		if !whole.MultiValued {
			c.doubt(mapped.Target, "%s has one value in the target's schema, so no filter can select among several; map %s", whole.Path, attribute.Path)
		} else if _, has := c.byPath[path.whole()+"."+path.by]; !has && c.hasParts(path) {
			c.doubt(mapped.Target, "the filter selects by %s, which %s does not have in the target's schema", path.by, whole.Path)
		}
	}
	c.writable(mapped.Target, attribute, m.Actions)
	c.kind(m, mapped, path, attribute)
}

// hasParts reports whether the schema lists sub-attributes of the attribute a path begins with.
func (c *schemaCheck) hasParts(path targetPath) bool {
	return slices.ContainsFunc(c.paths, func(other string) bool { return strings.HasPrefix(schemaKey(other), path.whole()+".") })
}

func (c *schemaCheck) writable(target string, attribute SchemaAttribute, actions Actions) {
	switch {
	case attribute.Mutability == "readOnly":
		c.doubt(target, "the attribute is read-only in the target's schema: what is sent is refused or ignored; remove the mapping")
	case attribute.Mutability == "immutable" && actions.Update:
		c.doubt(target, "the attribute is immutable in the target's schema: it can be set on create only; set flow_type = %q", FlowObjectAddOnly)
	}
}

// kind compares what is known of the values before any is there: declared types, constants, and functions that make lists.
func (c *schemaCheck) kind(m Mapping, mapped AttributeMapping, path targetPath, attribute SchemaAttribute) {
	target, declared := mapped.Target, m.TargetAttribute(mapped.Target)
	_, isReference := c.byPath[path.key()+".value"]
	if attribute.Type == "complex" && !attribute.MultiValued && path.sub == "" && !isReference {
		c.doubt(target, "the attribute has parts in the target's schema; map one of them%s", c.parts(path))
		return
	}
	constant, isConstant, makesList := written(mapped)
	one := !attribute.MultiValued && path.by == ""
	if one && (makesList || declared.Multivalued != nil && *declared.Multivalued) {
		c.doubt(target, "the attribute has one value in the target's schema, and the mapping makes a list")
		return
	}
	boolean := c.schema.WritesBoolean != nil && c.schema.WritesBoolean(target) || declared.Type == TypeBoolean
	switch attribute.Type {
	case "boolean":
		if isConstant && !boolean && (strings.EqualFold(constant, "true") || strings.EqualFold(constant, "false")) {
			c.doubt(target, "the attribute is a boolean in the target's schema, and the constant is sent as a string; list it in target_attributes with type = %q", TypeBoolean)
		} else if isConstant && !strings.EqualFold(constant, "true") && !strings.EqualFold(constant, "false") || declared.Type != "" && declared.Type != TypeBoolean {
			c.doubt(target, "the attribute is a boolean in the target's schema, and the mapping writes something else")
		}
	case "integer", "decimal":
		if _, err := strconv.ParseFloat(constant, 64); isConstant && err != nil || boolean || declared.Type == TypeBinary || declared.Type == TypeDateTime {
			c.doubt(target, "the attribute is a number in the target's schema, and the mapping writes something else")
		}
	case "string":
		if boolean || declared.Type == TypeInteger {
			c.doubt(target, "the attribute is a string in the target's schema, and the mapping writes a %s", map[bool]string{true: "boolean", false: "number"}[boolean])
		}
	}
}

// listFunctions are those whose result is a list.
var listFunctions = []string{"Split", "RemoveDuplicates", "AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex"}

// written is what can be said of a mapping's values without evaluating it.
func written(mapped AttributeMapping) (constant string, isConstant, makesList bool) {
	parsed, err := expression.Parse(mapped.Expression)
	if mapped.Expression == "" || err != nil {
		return "", false, false
	}
	tree := parsed.Tree()
	isList := func(name string) bool { return strings.EqualFold(name, tree.Name) }
	return tree.Name, tree.Type == expression.TreeConstant, tree.Type == expression.TreeFunction && slices.ContainsFunc(listFunctions, isList)
}

// missing finds what the target demands and no mapping writes. A part is demanded only of what is demanded itself.
func (c *schemaCheck) missing(covered map[string]bool) {
	for _, name := range c.paths {
		attribute := c.byPath[schemaKey(name)]
		path := parseTarget(name)
		if !attribute.Required || attribute.Mutability == "readOnly" || covered[path.key()] || slices.Contains(commonAttributes, path.whole()) {
			continue
		}
		if whole := c.byPath[path.whole()]; path.sub != "" && (!whole.Required || whole.MultiValued || whole.Mutability == "readOnly" || !covered[path.whole()]) {
			continue
		}
		c.doubt(name, "the target's schema demands a value, and no mapping writes one: creating accounts may fail; map it")
	}
}

// suggestion names what was perhaps meant: the same name in another schema, or one that differs little.
func (c *schemaCheck) suggestion(path targetPath) string {
	const most = 3
	name := path.local()
	var similar []string
	distance := map[string]int{}
	for _, known := range c.paths {
		other := parseTarget(known).local()
		d := expression.Distance(name, other)
		if d <= 1+len(name)/4 && len(name) <= 100 {
			similar, distance[known] = append(similar, known), d
		}
	}
	slices.SortStableFunc(similar, func(a, b string) int { return cmp.Compare(distance[a], distance[b]) })
	if len(similar) == 0 {
		return "; correct it, or ignore this if the target takes it all the same"
	}
	return "; did you mean " + strings.Join(similar[:min(most, len(similar))], ", or ") + "?"
}

func (c *schemaCheck) parts(path targetPath) string {
	var parts []string
	for _, known := range c.paths {
		if strings.HasPrefix(schemaKey(known), path.whole()+".") {
			parts = append(parts, known)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts[:min(5, len(parts))], ", ")
}

// targetPath is a target split into its parts, in lower case.
type targetPath struct{ urn, attribute, by, sub string }

// parseTarget splits a path that was checked before. The manager without a schema is the enterprise extension's.
func parseTarget(path string) targetPath {
	path = strings.ToLower(withoutCore(path))
	var p targetPath
	head, filter, filtered := strings.Cut(path, "[")
	if colon := strings.LastIndexByte(head, ':'); colon >= 0 {
		p.urn, head = head[:colon+1], head[colon+1:]
	}
	if filtered {
		p.by, _, _ = strings.Cut(filter, " ")
		if end := strings.LastIndex(filter, "]."); end >= 0 {
			p.sub = filter[end+len("]."):]
		}
		p.attribute = head
	} else {
		p.attribute, p.sub, _ = strings.Cut(head, ".")
	}
	if p.urn == "" && p.attribute == "manager" {
		p.urn = enterpriseURN
	}
	return p
}

const enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:"

// whole names the attribute without part and filter; key with its part; local is key without the schema.
func (p targetPath) whole() string { return p.urn + p.attribute }
func (p targetPath) key() string   { return p.urn + p.local() }
func (p targetPath) local() string { return strings.TrimSuffix(p.attribute+"."+p.sub, ".") }

// schemaKey is how a path of a schema is compared.
func schemaKey(path string) string { return parseTarget(path).key() }
