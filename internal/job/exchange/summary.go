package exchange

import (
	"fmt"
	"strings"
)

// Summary lists what was imported, and what was changed or left out, one line each.
func (i Import) Summary(from string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "imported from %s for app %s:\n", from, i.App.Key)
	for _, m := range i.Mappings {
		fmt.Fprintf(&b, "  a mapping of objects of the type %s with %s\n", m.ObjectType, count(len(m.Effective()), "attribute"))
	}
	if len(i.Filters) > 0 {
		fmt.Fprintf(&b, "  %s\n", count(len(i.Filters), "scoping filter"))
	}
	if len(i.Mappings)+len(i.Filters) == 0 {
		b.WriteString("  nothing\n")
	}
	lines := 0
	for _, n := range i.Notes {
		if n.Kind == Remark {
			continue
		}
		if lines++; lines == 1 {
			b.WriteString("changed or left out (see the comments):\n")
		}
		about := ""
		if n.Target != "" {
			about = n.Target + ": "
		}
		fmt.Fprintf(&b, "  %s: %s%s (%s)\n", n.Kind, about, n.Message, n.Path)
	}
	return b.String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
