package exchange

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// scope reads the scoping filters of an object mapping (mappings-and-scoping.md 13). A filter is imported whole or not at
// all: without one of its clauses it would let in more people than it did.
func (i *importer) scope(v *value, objectType directory.ObjectType) {
	s := v.object("scope")
	if s == nil {
		return
	}
	at := Note{ObjectType: objectType}
	for _, other := range []struct{ member, why string }{
		{"inputFilterGroups", "input filters ignore objects without deprovisioning them; scoping filters would disable their accounts"},
		{"categoryFilterGroups", "category filters choose between object mappings; there is one mapping for each object type"},
	} {
		if groups := s.find(other.member); groups != nil && !groups.empty() {
			at.Message = other.why
			i.drop(groups, at)
		}
	}
	groups := s.list("groups")
	if slices.ContainsFunc(groups, func(group *value) bool { return len(group.list("clauses")) == 0 }) {
		for _, group := range groups {
			at.Message = "one filter has no clauses and lets everybody in, so no filter has an effect"
			i.drop(group, at)
		}
		return
	}
	imported := 0
	for n, group := range groups {
		filter := i.filter(group, objectType, n)
		if err := filter.Validate(); err != nil {
			at.Message = "the filter cannot be used: " + strings.ReplaceAll(strings.TrimPrefix(err.Error(), "filter "+filter.ID()+", "), "\n", "; ")
			i.drop(group, at)
			continue
		}
		imported++
		i.result.Filters = append(i.result.Filters, filter)
		if name, _ := group.scalar("name"); name != filter.Name {
			i.note(Note{Path: group.path + ".name", ObjectType: objectType, Filter: filter.Name, Message: inline(name) + " in the schema"})
		}
	}
	if len(groups) > 0 && imported == 0 {
		i.note(Note{Kind: Attention, Path: s.path + ".groups", ObjectType: objectType, Message: "no filter is left: EVERYBODY is in scope until you add one"})
	} else if imported < len(groups) {
		i.note(Note{Kind: Attention, Path: s.path + ".groups", ObjectType: objectType,
			Message: "people whom only a filter that was left out lets in are out of scope, and lose their accounts"})
	}
}

func (i *importer) filter(group *value, objectType directory.ObjectType, n int) job.Filter {
	name, _ := group.scalar("name")
	filter := job.Filter{AppKey: i.result.App.Key, ObjectType: objectType, Name: i.filterName(name, objectType, n)}
	for _, clause := range group.list("clauses") {
		c := scope.Clause{}
		c.Attribute, _ = clause.scalar("sourceOperandName")
		operator, _ := clause.scalar("operatorName")
		c.Operator = operatorOf(operator)
		if operand := clause.object("targetOperand"); operand != nil {
			c.Values = operand.texts("values")
		}
		if c.Operator.Unary() && !slices.ContainsFunc(c.Values, func(value string) bool { return value != "" }) {
			c.Values = nil // the portal writes an empty value where none is needed
		}
		if len(c.Values) > 1 {
			slices.Sort(c.Values)
			c.Values = slices.Compact(c.Values)
		}
		filter.Clauses = append(filter.Clauses, c)
	}
	return filter
}

// texts reads a member that is a list of texts.
func (v *value) texts(name string) []string {
	member := v.find(name)
	if member == nil || member.kind != isArray {
		return nil
	}
	member.read = true
	var texts []string
	for _, element := range member.elements {
		if element.kind != isArray && element.kind != isObject {
			element.read = true
			texts = append(texts, element.text)
		}
	}
	return texts
}

// filterName makes the name of a filter, which is unique in its app.
func (i *importer) filterName(name string, objectType directory.ObjectType, n int) string {
	key := slug(name)
	if key == "" {
		key = fmt.Sprintf("%s-filter-%d", objectType, n+1)
	}
	taken := func(key string) bool {
		return slices.ContainsFunc(i.result.Filters, func(f job.Filter) bool { return f.Name == key })
	}
	if taken(key) {
		key = string(objectType) + "-" + key
	}
	for base, n := key, 2; taken(key); n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}

// operatorOf returns the operator, whichever way its words are joined.
func operatorOf(name string) scope.Operator {
	plain := func(name string) string {
		return strings.NewReplacer(" ", "", "_", "").Replace(strings.ToUpper(name))
	}
	for _, operator := range scope.Operators() {
		if plain(string(operator)) == plain(name) {
			return operator
		}
	}
	return scope.Operator(name)
}
