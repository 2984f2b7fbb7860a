package scim

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The schema URNs of RFC 7643 and RFC 7644.
const (
	coreUserURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	coreGroupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseUserURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchURN          = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	listURN           = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	errorURN          = "urn:ietf:params:scim:api:messages:2.0:Error"
)

// Path is a target attribute path of a mapping (mappings-and-scoping.md 8):
//
//	path   = attr | attr "." sub | attr filter "." sub | urn ":" attr [ "." sub ]
//	filter = "[" sub " eq " '"' value '"' "]"
//
// Names keep the spelling of the mapping but are compared without regard to case.
type Path struct {
	// URN of the extension, empty for a core attribute: core URN prefixes are dropped.
	URN string
	// Attribute name, for example emails.
	Attribute string
	// FilterBy and FilterValue select the element of a multi-valued attribute; both empty when there is no filter.
	FilterBy    string
	FilterValue string
	// Sub is the sub-attribute, empty when there is none.
	Sub string
}

// ParsePath reads a path. The error says what is wrong with it.
func ParsePath(text string) (Path, error) {
	path, err := parsePath(text)
	if err != nil {
		return Path{}, fmt.Errorf("attribute path %q: %w", text, err)
	}
	return path, nil
}

func parsePath(text string) (Path, error) {
	var path Path
	names, rest := text, ""
	if bracket := strings.IndexByte(text, '['); bracket >= 0 {
		names, rest = text[:bracket], text[bracket:]
	}
	if colon := strings.LastIndexByte(names, ':'); colon >= 0 {
		path.URN, names = names[:colon], names[colon+1:]
		if err := checkURN(path.URN, names); err != nil {
			return Path{}, err
		}
		if strings.EqualFold(path.URN, coreUserURN) || strings.EqualFold(path.URN, coreGroupURN) {
			path.URN = ""
		}
	}
	path.Attribute = names
	if rest == "" {
		if attribute, sub, found := strings.Cut(names, "."); found {
			path.Attribute, path.Sub = attribute, sub
			return path, checkNames(path.Attribute, path.Sub)
		}
		return path, checkNames(path.Attribute)
	}
	after, err := path.parseFilter(rest)
	if err != nil {
		return Path{}, err
	}
	sub, found := strings.CutPrefix(after, ".")
	if !found {
		return Path{}, fmt.Errorf("a sub-attribute must follow the filter, for example %s.value", text)
	}
	path.Sub = sub
	return path, checkNames(path.Attribute, path.FilterBy, path.Sub)
}

// parseFilter reads the brackets that text begins with and returns what follows them.
func (p *Path) parseFilter(text string) (after string, err error) {
	by, comparison, found := strings.Cut(text[1:], " ")
	if !found {
		return "", fmt.Errorf("a filter has the form [type eq \"work\"]")
	}
	operator, value, found := strings.Cut(comparison, " ")
	if !found || !strings.EqualFold(operator, "eq") {
		return "", fmt.Errorf("a filter makes one comparison with eq, for example [type eq \"work\"]")
	}
	decoder := json.NewDecoder(strings.NewReader(value))
	if !strings.HasPrefix(value, `"`) || decoder.Decode(&p.FilterValue) != nil {
		return "", fmt.Errorf("the value of a filter stands in double quotes, for example [type eq \"work\"]")
	}
	if p.FilterValue == "" {
		return "", fmt.Errorf("the value of a filter must not be empty")
	}
	after, found = strings.CutPrefix(value[decoder.InputOffset():], "]")
	if !found {
		return "", fmt.Errorf("a filter makes one comparison and ends with a bracket, for example [type eq \"work\"]")
	}
	p.FilterBy = by
	return after, nil
}

// checkURN also recognises what stands after the URN as its last part: a schema without attribute, or the form used
// before December 2018, with a dot before the attribute. Read literally it would name an attribute User.
func checkURN(urn, after string) error {
	if len(urn) < 5 || !strings.EqualFold(urn[:4], "urn:") || strings.ContainsFunc(urn, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
		return fmt.Errorf("%q is not a schema URN", urn)
	}
	name, attribute, dotted := strings.Cut(after, ".")
	if !endsInVersion(urn) || !strings.EqualFold(name, "User") && !strings.EqualFold(name, "Group") {
		return nil
	}
	schema := urn + ":" + name
	if dotted {
		return fmt.Errorf("a colon stands between a schema and its attribute: %s:%s", schema, attribute)
	}
	return fmt.Errorf("%s is a schema; its attribute follows after a colon", schema)
}

// endsInVersion recognises the URNs that a resource type completes: urn:ietf:params:scim:schemas:core:2.0.
func endsInVersion(urn string) bool {
	major, minor, found := strings.Cut(urn[strings.LastIndexByte(urn, ':')+1:], ".")
	number := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return found && number(major) && number(minor)
}

// checkNames applies the name rule of RFC 7643 2.1; "$ref" is the one name with a dollar sign.
func checkNames(names ...string) error {
	for _, name := range names {
		if name == "" {
			return fmt.Errorf("a name is missing")
		}
		for i, r := range name {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			other := r >= '0' && r <= '9' || r == '-' || r == '_'
			if i == 0 && !letter && r != '$' || i > 0 && !letter && !other {
				return fmt.Errorf("%q is not an attribute name", name)
			}
		}
	}
	return nil
}

// String prints the path the way mappings write it.
func (p Path) String() string { return p.print(quote(p.FilterValue)) }

// wire prints the path the way RFC 7644 has it in a PATCH request: a boolean in the filter is a boolean.
func (p Path) wire() string { return p.print(literal(p.filterValue())) }

// wire prints the path the way the profile has it in a PATCH request.
func (p profile) wire(path Path) string { return path.print(p.literal(path.filterValue())) }

func (p Path) print(filterValue string) string {
	var b strings.Builder
	if p.URN != "" {
		b.WriteString(p.URN + ":")
	}
	b.WriteString(p.Attribute)
	if p.FilterBy != "" {
		b.WriteString("[" + p.FilterBy + " eq " + filterValue + "]")
	}
	if p.Sub != "" {
		b.WriteString("." + p.Sub)
	}
	return b.String()
}

// element returns the path of the element the filter selects, without the sub-attribute.
func (p Path) element() Path {
	p.Sub = ""
	return p
}

// container returns the path of the attribute alone, without filter and sub-attribute.
func (p Path) container() Path {
	return Path{URN: p.URN, Attribute: p.Attribute}
}

// same reports whether two paths name the same thing: names without regard to case, filter values exactly.
func (p Path) same(q Path) bool {
	return strings.EqualFold(p.URN, q.URN) && strings.EqualFold(p.Attribute, q.Attribute) &&
		strings.EqualFold(p.FilterBy, q.FilterBy) && p.FilterValue == q.FilterValue && strings.EqualFold(p.Sub, q.Sub)
}

// resolved returns the path as the wire knows it: a bare manager is the enterprise extension's.
func (p Path) resolved() Path {
	if p.URN == "" && strings.EqualFold(p.Attribute, "manager") {
		p.URN = enterpriseUserURN
	}
	return p
}
