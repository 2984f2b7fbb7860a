package wikiapp

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// projection is what "attributes" and "excludedAttributes" leave of a resource (RFC 7644 3.9).
type projection struct {
	asked  bool // "attributes" was sent
	only   []path
	except []path
}

// readProjection reads the two parameters. Names the schema does not know select nothing.
func readProjection(t *resourceType, q url.Values) projection {
	read := func(key string) []path {
		var out []path
		for name := range strings.SplitSeq(q.Get(key), ",") {
			if p, err := parsePath(t, strings.TrimSpace(name)); err == nil && p.filter == nil {
				out = append(out, p)
			}
		}
		return out
	}
	return projection{asked: q.Get("attributes") != "", only: read("attributes"), except: read("excludedAttributes")}
}

// needs tells whether a top-level attribute can be part of the answer, so that costly ones are not built in vain.
func (p projection) needs(name string) bool {
	whole := func(list []path, exact bool) bool {
		return slices.ContainsFunc(list, func(e path) bool {
			return e.ext == nil && e.attr.name == name && (!exact || e.sub == nil)
		})
	}
	switch {
	case always(name):
		return true
	case p.asked && !whole(p.only, false):
		return false
	}
	return !whole(p.except, true)
}

// always tells which attributes every answer has (RFC 7643 7, returned "always").
func always(name string) bool { return name == "id" || name == "schemas" }

func (p projection) of(all map[string]any) map[string]any {
	out := all
	if p.asked {
		out = map[string]any{"id": all["id"], "schemas": all["schemas"]}
		for _, e := range p.only {
			pick(out, all, e)
		}
	}
	for _, e := range p.except {
		omit(out, e)
	}
	return out
}

// pick copies what a path names.
func pick(out, from map[string]any, p path) {
	if p.ext != nil {
		tree, ok := from[p.ext.urn].(map[string]any)
		if !ok {
			return
		}
		into, _ := out[p.ext.urn].(map[string]any)
		if into = maps.Clone(into); into == nil || p.attr == nil {
			into = map[string]any{}
		}
		if p.attr == nil {
			maps.Copy(into, tree)
		} else {
			pick(into, tree, path{attr: p.attr, sub: p.sub})
		}
		if len(into) > 0 {
			out[p.ext.urn] = into
		}
		return
	}
	v, ok := from[p.attr.name]
	if !ok {
		return
	}
	if p.sub == nil {
		out[p.attr.name] = v
		return
	}
	switch v := v.(type) {
	case map[string]any:
		into, _ := out[p.attr.name].(map[string]any)
		if s, ok := v[p.sub.name]; ok {
			if into = maps.Clone(into); into == nil {
				into = map[string]any{}
			}
			into[p.sub.name] = s
			out[p.attr.name] = into
		}
	case []any:
		into, _ := out[p.attr.name].([]any)
		list := make([]any, len(v))
		for i, e := range v {
			m := map[string]any{}
			if i < len(into) {
				old, _ := into[i].(map[string]any)
				m = maps.Clone(old)
			}
			have, _ := e.(map[string]any)
			if s, ok := have[p.sub.name]; ok {
				m[p.sub.name] = s
			}
			list[i] = m
		}
		out[p.attr.name] = list
	}
}

// omit takes out what a path names; what is always returned stays.
func omit(out map[string]any, p path) {
	if p.ext != nil {
		tree, ok := out[p.ext.urn].(map[string]any)
		if !ok {
			return
		}
		tree = maps.Clone(tree)
		if p.attr != nil {
			omit(tree, path{attr: p.attr, sub: p.sub})
		}
		if out[p.ext.urn] = tree; p.attr == nil || len(tree) == 0 {
			delete(out, p.ext.urn)
		}
		return
	}
	if always(p.attr.name) {
		return
	}
	if p.sub == nil {
		delete(out, p.attr.name)
		return
	}
	switch v := out[p.attr.name].(type) {
	case map[string]any:
		v = maps.Clone(v)
		delete(v, p.sub.name)
		out[p.attr.name] = v
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			old, _ := e.(map[string]any)
			m := maps.Clone(old)
			delete(m, p.sub.name)
			list[i] = m
		}
		out[p.attr.name] = list
	}
}
