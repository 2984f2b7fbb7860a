package template

import "strings"

// HasForm reports whether an address has a form: equal but for the parts in braces, which stand for one or more characters
// of a host name or of one segment of a path. Case, a trailing slash and a query do not count.
func HasForm(form, address string) bool {
	address, _, _ = strings.Cut(address, "?")
	return hasForm(strings.TrimRight(form, "/"), strings.TrimRight(address, "/"))
}

func hasForm(form, text string) bool {
	before, rest, open := strings.Cut(form, "{")
	if !open {
		return strings.EqualFold(form, text)
	}
	if len(text) < len(before) || !strings.EqualFold(text[:len(before)], before) {
		return false
	}
	_, after, _ := strings.Cut(rest, "}")
	text = text[len(before):]
	for end := 1; end <= len(text) && text[end-1] != '/' && text[end-1] != '#'; end++ {
		if hasForm(after, text[end:]) {
			return true
		}
	}
	return false
}
