package job

import (
	"slices"
	"strings"
	"unicode"
)

// ObjectFilter is the target that decides about the whole object: its expression is evaluated, IgnoreObjectFlow leaves the
// object out, and nothing else of it is ever sent (expressions.md 1.5). Its case does not count.
const ObjectFilter = "objectFilter"

// unwritable are the attributes the target owns: its primary key (mappings-and-scoping.md 6) and what RFC 7643
// section 3.1 makes read-only or leaves to the client library.
var unwritable = []string{"id", "meta", "schemas"}

// coreURN starts a core attribute that is written out in full.
const coreURN = "urn:ietf:params:scim:schemas:core:2.0:"

// pathProblem says why a path cannot be a mapping's target, or returns "".
func pathProblem(path string) string {
	if !validPath(path) {
		return quote(path) + ` is not the path of an attribute: expected a target attribute such as userName, name.familyName or emails[type eq "work"].value`
	}
	if root := rootOf(path); slices.Contains(unwritable, strings.ToLower(root)) {
		return root + " is set by the target itself and cannot be written; remove it"
	}
	return ""
}

// distinguishedName is the one attribute name that starts with a hyphen (mappings-and-scoping.md 7.4).
const distinguishedName = "-dn-"

// validPath checks the grammar of mappings-and-scoping.md 8: an optional URN, an attribute, an optional filter with one
// comparison, an optional sub-attribute.
func validPath(path string) bool {
	if len(path) >= 4 && strings.EqualFold(path[:4], "urn:") {
		head, _, _ := strings.Cut(path, "[")
		end := strings.LastIndexByte(head, ':')
		foreign := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`[]"`, r) }
		if end <= len("urn:") || strings.ContainsFunc(path[:end], foreign) {
			return false
		}
		path = path[end+1:]
	}
	rest, ok := afterName(path)
	if n := len(distinguishedName); len(path) >= n && strings.EqualFold(path[:n], distinguishedName) {
		rest, ok = path[n:], true
	}
	if filter, found := strings.CutPrefix(rest, "["); found && ok {
		rest, ok = afterFilter(filter)
	}
	if sub, found := strings.CutPrefix(rest, "."); found && ok {
		rest, ok = afterName(sub)
	}
	return ok && rest == ""
}

// afterName returns what follows an attribute name, and whether there is one.
func afterName(text string) (rest string, ok bool) {
	end := 0
	for end < len(text) {
		c := text[end]
		letter := c == '$' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !letter && (end == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			break
		}
		end++
	}
	return text[end:], end > 0
}

// afterFilter returns what follows a filter whose bracket was opened, and whether it is one.
func afterFilter(text string) (rest string, ok bool) {
	rest, ok = afterName(text)
	const operator = ` eq "`
	if !ok || len(rest) < len(operator) || !strings.EqualFold(rest[:len(operator)], operator) {
		return "", false
	}
	_, rest, ok = strings.Cut(rest[len(operator):], `"`)
	after, closed := strings.CutPrefix(rest, "]")
	return after, ok && closed
}

// rootOf returns the first attribute of a path; an extension's attribute keeps its URN.
func rootOf(path string) string {
	path = withoutCore(path)
	if strings.Contains(path, ":") && !strings.Contains(path, "[") {
		return path
	}
	root, _, _ := strings.Cut(path, ".")
	root, _, _ = strings.Cut(root, "[")
	return root
}

// withoutCore strips the core URN: both spellings name the same attribute.
func withoutCore(path string) string {
	if len(path) <= len(coreURN) || !strings.EqualFold(path[:len(coreURN)], coreURN) {
		return path
	}
	_, rest, found := strings.Cut(path[len(coreURN):], ":")
	if !found {
		return path
	}
	return rest
}

// SameTarget reports whether two paths name the same target attribute: names ignore case, the value a filter compares
// with does not (mappings-and-scoping.md 8).
func SameTarget(a, b string) bool { return targetKey(a) == targetKey(b) }

// targetKey is equal for paths of the same attribute.
func targetKey(path string) string {
	path = withoutCore(path)
	before, rest, filtered := strings.Cut(path, `"`)
	if !filtered {
		return strings.ToLower(path)
	}
	value, after, _ := strings.Cut(rest, `"`)
	return strings.ToLower(before) + `"` + value + `"` + strings.ToLower(after)
}
