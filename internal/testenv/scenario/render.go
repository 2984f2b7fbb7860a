package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/testenv"
)

// Line is what a user or group is compared by.
type Line struct {
	// Name is the user name in lower case, or "group " and the name.
	Name   string
	Fields []Field
}

// Field is one part of a line.
type Field struct{ Name, Value string }

func (l Line) String() string {
	var b strings.Builder
	b.WriteString(l.Name)
	for _, f := range l.Fields {
		if f.Value != "" {
			fmt.Fprintf(&b, " %s=%s", f.Name, f.Value)
		}
	}
	return b.String()
}

func byName(a, b Line) int { return strings.Compare(a.Name, b.Name) }

// Lines is what the target must hold once a stage is done, strangers aside. had are the ids of those who have had an account:
// whoever was never switched on gets none.
func Lines(d Directory, had map[string]bool) []Line {
	var lines []Line
	account := func(id string) string {
		if p, ok := d.person(id); ok && (!p.Off || had[id]) {
			return p.Name
		}
		return ""
	}
	for _, p := range d.People {
		if account(p.ID) == "" {
			continue
		}
		lines = append(lines, Line{p.Name, []Field{
			{"active", fmt.Sprint(!p.Off)}, {"department", p.Department}, {"title", p.Title}, {"mail", p.Mail},
			{"phone", digits(p.Phone)}, {"employee", "e-" + p.ID}, {"manager", account(p.Manager)}}})
	}
	for _, g := range d.Groups {
		var members []string
		for _, id := range g.Members {
			if name := account(id); name != "" {
				members = append(members, name)
			}
		}
		lines = append(lines, groupLine(g.Name, members))
	}
	slices.SortFunc(lines, byName)
	return lines
}

func groupLine(name string, members []string) Line {
	slices.Sort(members)
	return Line{"group " + name, []Field{{"members", "[" + strings.Join(members, " ") + "]"}}}
}

// Render is what the target holds, but for the users that strange recognises.
func Render(d testenv.Dump, strange func(testenv.Resource) bool) []Line {
	var lines []Line
	for _, r := range d.Users {
		if strange(r) {
			continue
		}
		lines = append(lines, Line{strings.ToLower(r.Text("userName")), []Field{
			{"active", fmt.Sprint(r.Active())}, {"department", r.Text("department")}, {"title", r.Text("title")}, {"mail", r.Text("emails")},
			{"phone", digits(r.Text("phoneNumbers"))}, {"employee", r.Text("externalId")}, {"manager", d.Name(r.Text("manager"))}}})
	}
	for _, r := range d.Groups {
		var members []string
		for _, id := range r.Members {
			members = append(members, d.Name(id))
		}
		lines = append(lines, groupLine(r.Text("displayName"), members))
	}
	slices.SortFunc(lines, byName)
	return lines
}

// digits are what a telephone number is compared by: a target may write it as it likes.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// Without drops fields, and whole lines by name.
func Without(lines []Line, fields, names []string) []Line {
	var kept []Line
	for _, l := range lines {
		if slices.Contains(names, l.Name) {
			continue
		}
		l.Fields = slices.DeleteFunc(slices.Clone(l.Fields), func(f Field) bool { return slices.Contains(fields, f.Name) })
		kept = append(kept, l)
	}
	return kept
}

// Leave takes somebody out of all groups.
func Leave(lines []Line, name string) []Line {
	for i, l := range lines {
		if group, ok := strings.CutPrefix(l.Name, "group "); ok && len(l.Fields) > 0 {
			members := strings.Fields(strings.Trim(l.Fields[0].Value, "[]"))
			lines[i] = groupLine(group, slices.DeleteFunc(members, func(m string) bool { return m == name }))
		}
	}
	return lines
}

// Text prints lines, one below the other.
func Text(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.String() + "\n")
	}
	return b.String()
}
