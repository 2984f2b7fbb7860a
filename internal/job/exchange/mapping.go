package exchange

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
)

// objectTypeOf returns the object type of an object's name: its last part, User or Group; ok is false for others.
func objectTypeOf(name string) (directory.ObjectType, bool) {
	for _, objectType := range directory.ObjectTypes() {
		if strings.EqualFold(name[strings.LastIndexByte(name, ':')+1:], string(objectType)) {
			return objectType, true
		}
	}
	return "", false
}

// targetObject is the usual name of an object type in the target directory of an application without a gallery entry.
func targetObject(objectType directory.ObjectType) string {
	if objectType == directory.User {
		return "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	}
	return "urn:ietf:params:scim:schemas:core:2.0:Group"
}

// sourceObject is the name of an object type in the identity provider's directory.
func sourceObject(objectType directory.ObjectType) string {
	if objectType == directory.User {
		return "User"
	}
	return "Group"
}

func (i *importer) objectMapping(v, source, target *value) {
	sourceName, targetName := v.find("sourceObjectName").written(), v.find("targetObjectName").written()
	objectType, ok := objectTypeOf(targetName)
	if from, fromOK := objectTypeOf(sourceName); !ok || !fromOK || from != objectType {
		i.drop(v, Note{Message: fmt.Sprintf("objects %s become %s; only users and groups are provisioned, each to their own kind", inline(sourceName), inline(targetName))})
		return
	}
	if slices.ContainsFunc(i.result.Mappings, func(m job.Mapping) bool { return m.ObjectType == objectType }) {
		i.drop(v, Note{ObjectType: objectType, Message: fmt.Sprintf("there is a mapping for objects of the type %s already; an app has one", objectType)})
		return
	}
	enabled, set := v.flag("enabled")
	if enabled = enabled || !set; !enabled && objectType == directory.User {
		i.drop(v, Note{ObjectType: objectType, Message: "the mapping is disabled, and a mapping of users cannot be"})
		return
	}
	actions, ok := i.actions(v, objectType)
	if !ok {
		i.drop(v, Note{ObjectType: objectType, Message: "flowTypes allows nothing: neither Add nor Update nor Delete"})
		return
	}
	i.names(v, objectType, sourceName, targetName)
	mapping := job.Mapping{AppKey: i.result.App.Key, ObjectType: objectType, Enabled: enabled, Actions: actions}
	i.metadata(v, mappingMetadata(), Note{ObjectType: objectType})
	for _, attribute := range v.list("attributeMappings") {
		i.attributeMapping(attribute, &mapping)
	}
	slices.SortFunc(mapping.Attributes, func(a, b job.AttributeMapping) int { return cmp.Compare(a.Target, b.Target) })
	i.scope(v, objectType)
	i.attributeLists(&mapping, objectIn(source, sourceName), objectIn(target, targetName))
	i.finish(v, mapping)
}

// names reads what an object mapping is called.
func (i *importer) names(v *value, objectType directory.ObjectType, source, target string) {
	for _, name := range []string{"sourceObjectName", "targetObjectName"} {
		v.scalar(name)
	}
	if name, ok := v.scalar("name"); ok && name != "" {
		i.note(Note{Path: v.path + ".name", ObjectType: objectType, Message: inline(name) + " in the schema"})
	}
	if source != sourceObject(objectType) || target != targetObject(objectType) {
		i.note(Note{Path: v.path + ".targetObjectName", ObjectType: objectType,
			Message: fmt.Sprintf("objects %s become %s in the schema", inline(source), inline(target))})
	}
}

// actions reads flowTypes, a list in one text; ok is false when it allows nothing.
func (i *importer) actions(v *value, objectType directory.ObjectType) (actions job.Actions, ok bool) {
	text, ok := v.scalar("flowTypes")
	if !ok {
		return job.Actions{Create: true, Update: true, Delete: true}, true
	}
	for _, word := range strings.Split(text, ",") {
		switch strings.ToLower(strings.TrimSpace(word)) {
		case "":
		case "add":
			actions.Create = true
		case "update":
			actions.Update = true
		case "delete":
			actions.Delete = true
		default:
			i.note(Note{Kind: Missing, Path: v.path + ".flowTypes", ObjectType: objectType,
				Message: fmt.Sprintf("%s is none of Add, Update and Delete", inline(strings.TrimSpace(word)))})
		}
	}
	return actions, actions != job.Actions{}
}

func (i *importer) attributeMapping(v *value, mapping *job.Mapping) {
	target := v.find("targetAttributeName").written()
	at := Note{Path: v.path, ObjectType: mapping.ObjectType, Target: target}
	if target == "" {
		at.Message = "the mapping names no target attribute"
		i.drop(v, at)
		return
	}
	v.scalar("targetAttributeName")
	a := job.AttributeMapping{Target: target, FlowType: job.FlowAlways, FlowBehavior: job.FlowWhenChanged}
	a.Expression = i.source(v, at)
	if text, ok := v.scalar("defaultValue"); ok && text != "" {
		a.DefaultValue = &text
	}
	a.FlowType = choice(i, v, "flowType", a.FlowType, job.FlowTypes(), at)
	a.FlowBehavior = choice(i, v, "flowBehavior", a.FlowBehavior, job.FlowBehaviors(), at)
	a.FlowNullValues, _ = v.flag("flowNullValues")
	if internal, _ := v.flag("exportMissingReferences"); internal {
		at := at
		at.Kind, at.Path, at.Message = Missing, v.path+".exportMissingReferences", "exportMissingReferences is true; it is internal to Entra"
		i.note(at)
	}
	i.matching(v, &a, *mapping, at)
	switch problem := problemOf(a, *mapping); {
	case a.Expression == "" && a.DefaultValue == nil:
		i.broken(at, a, "it has neither a source nor a default, and so does nothing")
	case slices.ContainsFunc(mapping.Attributes, func(other job.AttributeMapping) bool { return job.SameTarget(other.Target, target) }):
		i.broken(at, a, "the target is mapped twice")
	case problem != "":
		i.broken(at, a, problem)
	default:
		mapping.Attributes = append(mapping.Attributes, a)
	}
}

// choice reads one of a set of words. Another word becomes the default, with a note.
func choice[T ~string](i *importer, v *value, name string, unset T, words []T, at Note) T {
	text, ok := v.scalar(name)
	if !ok || text == "" {
		return unset
	}
	for _, word := range words {
		if strings.EqualFold(string(word), text) {
			return word
		}
	}
	at.Kind, at.Path = Changed, v.path+"."+name
	at.Message = fmt.Sprintf("%s %s is not known; the default applies", name, inline(text))
	i.note(at)
	return unset
}

// matching reads the matching priority. One that cannot be used, or is taken, is changed.
func (i *importer) matching(v *value, a *job.AttributeMapping, mapping job.Mapping, at Note) {
	member := v.find("matchingPriority")
	if member == nil || member.kind == isArray || member.kind == isObject {
		return
	}
	at.Kind, at.Path = Changed, member.path
	priority, err := strconv.Atoi(cmp.Or(member.text, "0"))
	if err != nil || priority < 0 || priority > maximumPrecedence {
		at.Message = fmt.Sprintf("matchingPriority %s is not a number from 0 to %d", inline(member.text), maximumPrecedence)
		i.drop(member, at)
		return
	}
	member.read = true
	if priority == 0 {
		return
	}
	before := problemOf(*a, mapping)
	a.MatchingPrecedence = priority
	if problem := problemOf(*a, mapping); problem != before && before == "" {
		a.MatchingPrecedence = 0
		at.Message = fmt.Sprintf("matchingPriority %d is left out: %s", priority, firstLine(problem))
		i.note(at)
		return
	}
	taken := func(precedence int) bool {
		return slices.ContainsFunc(mapping.Attributes, func(other job.AttributeMapping) bool { return other.MatchingPrecedence == precedence })
	}
	for taken(a.MatchingPrecedence) {
		a.MatchingPrecedence++
	}
	if a.MatchingPrecedence != priority {
		at.Message = fmt.Sprintf("matchingPriority %d is used twice; this one became %d", priority, a.MatchingPrecedence)
		i.note(at)
	}
}

// maximumPrecedence is the highest precedence that provisioning_attribute_mapping accepts.
const maximumPrecedence = 1000

// problemOf says what is wrong with an attribute mapping by itself, by the rules of package job; "" when nothing is.
func problemOf(a job.AttributeMapping, of job.Mapping) string {
	of.Attributes = []job.AttributeMapping{a}
	of.Enabled = of.ObjectType == directory.User
	if a.MatchingPrecedence == 0 {
		// Without any matching attribute the mapping as a whole would be wrong.
		of.Attributes = append(of.Attributes, job.AttributeMapping{
			Target: "matchOfNothingElse", Expression: "[objectId]", MatchingPrecedence: maximumPrecedence, FlowType: job.FlowAlways,
		})
	}
	return strings.TrimPrefix(problems(of), "attribute "+a.Target+": ")
}

// problems says what is wrong with a mapping, "" when nothing is.
func problems(of job.Mapping) string {
	err := of.Validate()
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "mapping "+of.ID()+": ")
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// broken leaves an attribute mapping out: it becomes a comment, ready to be mended.
func (i *importer) broken(at Note, a job.AttributeMapping, why string) {
	lines := strings.Split(why, "\n")
	at.Kind, at.Message, at.Detail, at.Attribute = Missing, lines[0], lines[1:], &a
	i.note(at)
}

// finish adds a mapping when it can be used as a whole.
func (i *importer) finish(v *value, mapping job.Mapping) {
	if len(mapping.Attributes) == 0 {
		i.note(Note{Kind: Missing, Path: v.path, ObjectType: mapping.ObjectType, Message: "nothing of the mapping is left, so there is no resource for it"})
		return
	}
	if problem := problems(mapping); problem != "" {
		lines := strings.Split(problem, "\n")
		i.note(Note{Kind: Missing, Path: v.path, ObjectType: mapping.ObjectType, Detail: append(lines[1:], attributeLines(mapping)...),
			Message: "the mapping cannot be used as a whole: " + lines[0] + ". These are its attributes"})
		return
	}
	i.result.Mappings = append(i.result.Mappings, i.preset(mapping))
}

// preset makes a mapping shorter with the table of default mappings that was asked for.
func (i *importer) preset(mapping job.Mapping) job.Mapping {
	table, ok := job.PresetTable(i.options.Preset, mapping.ObjectType)
	if !ok {
		return mapping
	}
	shorter := mapping
	shorter.Preset, shorter.Attributes = i.options.Preset, nil
	for _, a := range mapping.Attributes {
		if !slices.ContainsFunc(table, func(b job.AttributeMapping) bool { return sameMapping(a, b) }) {
			shorter.Attributes = append(shorter.Attributes, a)
		}
	}
	for _, b := range table {
		if !slices.ContainsFunc(mapping.Attributes, func(a job.AttributeMapping) bool { return job.SameTarget(a.Target, b.Target) }) {
			shorter.Exclude = append(shorter.Exclude, b.Target)
		}
	}
	if len(shorter.Attributes)+len(shorter.Exclude) >= len(mapping.Attributes) {
		return mapping
	}
	return shorter
}

func sameMapping(a, b job.AttributeMapping) bool {
	same := a.Target == b.Target && sameExpression(a.Expression, b.Expression) && a.DefaultValue == nil && b.DefaultValue == nil
	a.Target, a.Expression, b.Target, b.Expression = "", "", "", ""
	return same && a == b
}
