package wikiapp

import (
	"maps"
	"time"
)

// view is a stored resource with the values the application adds, as the subject of a filter and as an answer. It is used
// under the App's lock.
type view struct {
	app  *App
	kind *resourceType
	r    *record
	base string // URL of the service, without a slash at the end
}

func (v view) values(p path) []any {
	if p.ext != nil || !isComputed(v.kind, p.attr) {
		return valuesAt(v.r.attrs, p)
	}
	return valuesAt(map[string]any{p.attr.name: v.computed(p.attr.name)}, p)
}

// decide answers "members eq x" without listing the members.
func (v view) decide(c compare) (match, known bool) {
	if v.r.members == nil || c.op != opEqual || c.at.attr.name != "members" || c.at.filter != nil || c.at.leaf().name != "value" {
		return false, false
	}
	id, _ := c.value.(string)
	return v.r.members.has(id), true
}

// isComputed tells which attributes are not in a record's tree.
func isComputed(t *resourceType, a *attribute) bool {
	switch a.name {
	case "id", "meta", "schemas", "groups", "members":
		return t.attribute(a.name) == a
	}
	return false
}

// computed is the value of such an attribute, nil when it has none.
func (v view) computed(name string) any {
	switch name {
	case "id":
		return v.r.id
	case "meta":
		return map[string]any{
			"resourceType": v.kind.name,
			"created":      v.r.created.UTC().Format(time.RFC3339Nano),
			"lastModified": v.r.modified.UTC().Format(time.RFC3339Nano),
			"location":     v.location(),
		}
	case "schemas":
		list := []any{v.kind.core.urn}
		for _, ext := range v.kind.extensions {
			if _, used := v.r.attrs[ext.urn]; used {
				list = append(list, ext.urn)
			}
		}
		return list
	case "groups":
		var list []any
		for _, g := range v.app.groupsOf(v.r.id) {
			list = append(list, map[string]any{"value": g.id, "display": g.text("displayName"), "type": "direct",
				"$ref": v.base + "/Groups/" + g.id})
		}
		return orNothing(list)
	case "members":
		return orNothing(v.app.describeMembers(v.r.members.ids(), v.base))
	}
	return nil
}

func orNothing(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// describeMembers shows members as a group's answer and a value filter see them.
func (a *App) describeMembers(ids []string, base string) []any {
	var list []any
	for _, id := range ids {
		m := map[string]any{"value": id, "type": "User", "$ref": base + "/Users/" + id}
		if u := a.users.byID[id]; u != nil {
			m["display"] = a.users.name(u)
		}
		list = append(list, m)
	}
	return list
}

func (v view) location() string { return v.base + v.kind.endpoint + "/" + v.r.id }

// render builds the answer. The tree shares what records never change; only maps made here are modified.
func (v view) render(want projection) map[string]any {
	out := maps.Clone(v.r.attrs)
	for _, name := range []string{"id", "meta", "schemas", "groups", "members"} {
		if v.kind.attribute(name) == nil || !want.needs(name) {
			continue
		}
		if value := v.computed(name); value != nil {
			out[name] = value
		}
	}
	v.describeManager(out)
	return want.of(out)
}

// describeManager completes the manager's id with a link and a name.
func (v view) describeManager(out map[string]any) {
	work, _ := out[urnEnterprise].(map[string]any)
	manager, _ := work["manager"].(map[string]any)
	id, _ := manager["value"].(string)
	if id == "" {
		return
	}
	manager = map[string]any{"value": id, "$ref": v.base + "/Users/" + id}
	if m := v.app.users.byID[id]; m != nil && m.text("displayName") != "" {
		manager["displayName"] = m.text("displayName")
	}
	work = maps.Clone(work)
	work["manager"] = manager
	out[urnEnterprise] = work
}
