package scim

import (
	"cmp"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/connector"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// attributes reads the schemas (RFC 7643 7) as mapping target paths.
func (d *description) attributes(documents []resource, types belonging) []connector.TargetAttribute {
	s := schemas{description: d, seen: map[string]bool{}}
	for _, document := range documents {
		urn := words(document.get("id"))
		if urn == "" {
			urn = words(document.get("schema"))
		}
		attributes, ok := document.get("attributes").([]any)
		switch {
		case urn == "" || strings.Contains(urn, "…"):
			d.problem("%s: a schema has no id and is left out", schemasPath)
		case !ok:
			d.problem("%s: schema %s has no attributes", schemasPath, urn)
		default:
			for _, objectType := range types.of(urn) {
				s.read(objectType, urn, attributes)
			}
		}
	}
	slices.SortFunc(s.found, func(a, b connector.TargetAttribute) int {
		return cmp.Or(-cmp.Compare(a.ObjectType, b.ObjectType), cmp.Compare(strings.ToLower(a.Path), strings.ToLower(b.Path)))
	})
	return s.found
}

// of returns the object types a schema describes, users first. A target that does not tell leaves only the schema itself to
// go by: what is not known to be a user's may be a group's as well.
func (b belonging) of(urn string) []directory.ObjectType {
	if b != nil {
		// Some list a type without its own schema.
		if objectType, core := coreType(urn); core && len(b[strings.ToLower(urn)]) == 0 {
			return []directory.ObjectType{objectType}
		}
		return b[strings.ToLower(urn)]
	}
	objectType, core := coreType(urn)
	switch name := strings.ToLower(urn); {
	case core:
		return []directory.ObjectType{objectType}
	case strings.HasSuffix(name, ":user"):
		return []directory.ObjectType{directory.User}
	case strings.HasSuffix(name, ":group"):
		return []directory.ObjectType{directory.Group}
	case strings.HasSuffix(name, ":serviceproviderconfig"), strings.HasSuffix(name, ":resourcetype"), strings.HasSuffix(name, ":schema"):
		return nil
	default:
		return directory.ObjectTypes()
	}
}

// schemas collects attributes.
type schemas struct {
	*description
	found []connector.TargetAttribute
	// seen are the paths that were met, with their object type, in lower case: the first word counts.
	seen map[string]bool
}

func (s *schemas) read(objectType directory.ObjectType, urn string, attributes []any) {
	for _, element := range attributes {
		attribute, ok := asResource(element)
		if !ok {
			s.problem("%s: schema %s lists something else than attributes", schemasPath, urn)
			return
		}
		path, ok := s.path(urn, attribute)
		if !ok {
			continue
		}
		whole := described(objectType, path, attribute)
		s.add(whole)
		subs, _ := attribute.get("subAttributes").([]any)
		for _, part := range subs {
			sub, _ := asResource(part)
			name := words(sub.get("name"))
			if path.Sub != "" || checkNames(name) != nil {
				s.problem("%s: schema %s: a part of %s has no usable name and is left out", schemasPath, urn, path.Attribute)
				continue
			}
			below := path
			below.Sub = name
			made := described(objectType, below, sub)
			if whole.Mutability == readOnly {
				made.Mutability = readOnly
			}
			s.add(made)
		}
	}
}

// path reads an attribute's name. Some servers write the URN before it, or list name.familyName beside name.
func (s *schemas) path(urn string, attribute resource) (Path, bool) {
	name := words(attribute.get("name"))
	text := name
	if _, core := coreType(urn); !core && !strings.Contains(name, ":") {
		text = urn + ":" + name
	}
	path, err := ParsePath(text)
	if err != nil || path.FilterBy != "" {
		s.problem("%s: schema %s: %q is not the name of an attribute and is left out", schemasPath, urn, name)
		return Path{}, false
	}
	return path, true
}

func (s *schemas) add(attribute connector.TargetAttribute) {
	key := string(attribute.ObjectType) + " " + strings.ToLower(attribute.Path)
	switch {
	case s.seen[key]:
	case len(s.found) == maxAttributes:
		s.problem("%s: more than %d attributes; the rest is left out", schemasPath, maxAttributes)
		s.seen[key] = true
	case len(s.found) < maxAttributes:
		s.seen[key] = true
		s.found = append(s.found, attribute)
	}
}

const readOnly = "readOnly"

// described reads an attribute. What is missing has the default of RFC 7643 2.2.
func described(objectType directory.ObjectType, path Path, attribute resource) connector.TargetAttribute {
	made := connector.TargetAttribute{
		ObjectType: objectType, Path: path.String(), Type: oneOf(attribute.get("type"), "string", typeWords),
		MultiValued: yes(attribute.get("multiValued")), Required: yes(attribute.get("required")), CaseExact: yes(attribute.get("caseExact")),
		Mutability: oneOf(attribute.get("mutability"), "readWrite", mutabilityWords), Uniqueness: oneOf(attribute.get("uniqueness"), "none", uniquenessWords),
		Description: words(attribute.get("description")),
	}
	if subs, _ := attribute.get("subAttributes").([]any); len(subs) > 0 {
		made.Type = "complex"
	}
	values, _ := attribute.get("canonicalValues").([]any)
	for _, value := range values[:min(len(values), maxValues)] {
		if text := words(value); text != "" && !slices.Contains(made.CanonicalValues, text) {
			made.CanonicalValues = append(made.CanonicalValues, text)
		}
	}
	slices.Sort(made.CanonicalValues)
	return made
}

// The words of RFC 7643 7, by what servers make of them: lower case, without separators.
var (
	typeWords = map[string]string{
		"string": "string", "boolean": "boolean", "bool": "boolean", "decimal": "decimal", "number": "decimal", "integer": "integer", "int": "integer",
		"datetime": "dateTime", "binary": "binary", "reference": "reference", "complex": "complex", "object": "complex",
	}
	mutabilityWords = map[string]string{"readonly": readOnly, "readwrite": "readWrite", "immutable": "immutable", "writeonly": "writeOnly"}
	uniquenessWords = map[string]string{"none": "none", "server": "server", "global": "global"}
)

// oneOf reads a word of a fixed list, the default when it is not in it.
func oneOf(raw any, otherwise string, known map[string]string) string {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(words(raw)))
	if word, ok := known[plain]; ok {
		return word
	}
	return otherwise
}
