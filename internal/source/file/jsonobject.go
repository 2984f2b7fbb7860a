package file

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// jsonObject is a user or group while its properties are read.
type jsonObject struct {
	directory.Object
	// wrong is the first thing wrong with the record: a record counts as bad once.
	wrong *flaw
	// special holds the properties met that are not attributes, to notice a repeat.
	special []string
}

// object reads a user or group whose brace has been read.
func (r *jsonReader) object(objectType directory.ObjectType, at position) error {
	o := &jsonObject{Object: directory.Object{Type: objectType, Attributes: map[string]directory.Value{}}}
	err := r.properties(func(name string, at position) error { return r.property(o, name, at) })
	if err != nil {
		return err
	}
	if o.Anchor == "" && o.wrong == nil {
		o.complain(at, "%s without id", objectType)
	}
	if o.wrong != nil {
		r.intake.reject(o.wrong.at, "%s", o.wrong.message)
		// The id stays taken: a second record with it is bad too.
		if _, twice := r.intake.seen[o.Anchor]; o.Anchor != "" && !twice {
			r.intake.seen[o.Anchor] = at
		}
		return nil
	}
	return r.intake.accept(o.Object, at)
}

func (r *jsonReader) property(o *jsonObject, name string, at position) error {
	if _, twice := o.Attributes[name]; twice || slices.Contains(o.special, name) {
		o.complain(at, "%s: %s occurs twice", o.name(), quoted(name))
		return r.ignore()
	}
	switch {
	case name == "id":
		o.special = append(o.special, name)
		return r.id(o)
	case name == directory.ReferenceManager && o.Type == directory.User:
		o.special = append(o.special, name)
		return r.manager(o)
	case name == directory.ReferenceMembers && o.Type == directory.Group:
		o.special = append(o.special, name)
		return r.members(o)
	case name == "":
		o.complain(at, "%s: property without a name", o.name())
		return r.ignore()
	case isNextLink(name):
		o.complain(at, "%s: %s: only the first members of a longer list are in the file; fetch all of them", o.name(), name)
		return r.ignore()
	case isAnnotation(name):
		return r.ignore()
	case name == "@removed" || strings.HasSuffix(name, "@delta"):
		o.complain(at, "%s: %s: this is an answer of a delta query; a source file holds everything, not changes", o.name(), name)
		return r.ignore()
	default:
		return r.attribute(o, name)
	}
}

func (r *jsonReader) id(o *jsonObject) error {
	value, err := r.next()
	if err != nil {
		return err
	}
	switch id, isText := value.value.(string); {
	case !isText:
		o.complain(value.at, "%s: id is %s, not text", o.Type, kindOf(value.value))
		return r.skip(value)
	case id == "":
		o.complain(value.at, "%s: id is empty", o.Type)
	default:
		o.Anchor = directory.Anchor(id)
	}
	return nil
}

func (r *jsonReader) manager(o *jsonObject) error {
	value, err := r.next()
	if err != nil || value.value == nil {
		return err
	}
	anchor, err := r.reference(o, directory.ReferenceManager, value)
	if err != nil || anchor == "" {
		return err
	}
	o.References = map[string][]directory.Anchor{directory.ReferenceManager: {anchor}}
	return nil
}

func (r *jsonReader) members(o *jsonObject) error {
	list, err := r.next()
	if err != nil || list.value == nil {
		return err
	}
	if list.value != json.Delim('[') {
		o.complain(list.at, "%s: members is %s, not a list of ids", o.name(), kindOf(list.value))
		return r.skip(list)
	}
	var members []directory.Anchor
	err = r.elements(func(element token) error {
		anchor, err := r.reference(o, "member", element)
		members = append(members, anchor)
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(members)
	if members = slices.Compact(members); len(members) > 0 {
		o.References = map[string][]directory.Anchor{directory.ReferenceMembers: members}
	}
	return nil
}

// reference reads an id or an object with an id, which is how Graph writes an expanded relation. It returns
// no anchor, and has complained, when there is none.
func (r *jsonReader) reference(o *jsonObject, relation string, value token) (directory.Anchor, error) {
	id := value.value
	if value.value == json.Delim('{') {
		id = nil
		err := r.properties(func(name string, _ position) error {
			inner, err := r.next()
			if err != nil {
				return err
			}
			if name == "id" {
				id = inner.value
			}
			return r.skip(inner)
		})
		if err != nil {
			return "", err
		}
	} else if err := r.skip(value); err != nil {
		return "", err
	}
	anchor, isText := id.(string)
	switch {
	case !isText && value.value == json.Delim('{'):
		o.complain(value.at, "%s: %s is an object without an id", o.name(), relation)
	case !isText:
		o.complain(value.at, "%s: %s is %s, not an id", o.name(), relation, kindOf(value.value))
	case anchor == "":
		o.complain(value.at, "%s: %s is empty", o.name(), relation)
	}
	return directory.Anchor(anchor), nil
}

// attribute reads a value and checks those whose meaning the engine relies on.
func (r *jsonReader) attribute(o *jsonObject, name string) error {
	first, err := r.next()
	if err != nil {
		return err
	}
	value, err := r.value(o, name, first, 0)
	if err != nil {
		return err
	}
	o.Attributes[name] = value
	if value.IsNull() {
		return nil
	}
	switch name {
	case directory.AttributeAccountEnabled, directory.AttributeSecurityEnabled:
		if value.Kind() != directory.KindBoolean {
			o.complain(first.at, "%s: %s is %s, not true or false", o.name(), name, kindOf(first.value))
		}
	case directory.AttributeUserPrincipalName, directory.AttributeDisplayName, "mail", "department":
		if value.Kind() != directory.KindText {
			o.complain(first.at, "%s: %s is %s, not text", o.name(), name, kindOf(first.value))
		}
	case attributeDeletedDateTime:
		if text, isText := first.value.(string); !isText || !deletionTime(text) {
			o.complain(first.at, "%s: %s is not a time such as 2026-01-31T12:00:00Z, nor null", o.name(), name)
		}
		o.Removed = directory.SoftDeleted
	}
	return nil
}

// deepest is how deeply a value may be nested.
const deepest = 64

// value reads the rest of a value that has begun.
func (r *jsonReader) value(o *jsonObject, name string, first token, depth int) (directory.Value, error) {
	if depth > deepest {
		return directory.Value{}, &flaw{at: first.at, message: fmt.Sprintf("%s: %s is nested deeper than %d levels", o.name(), quoted(name), deepest)}
	}
	switch first.value {
	case json.Delim('['):
		list := []directory.Value{}
		err := r.elements(func(element token) error {
			value, err := r.value(o, name, element, depth+1)
			list = append(list, value)
			return err
		})
		return directory.List(list...), err
	case json.Delim('{'):
		return r.record(o, name, first, depth)
	default:
		return directory.FromJSON(first.value)
	}
}

func (r *jsonReader) record(o *jsonObject, name string, first token, depth int) (directory.Value, error) {
	fields := map[string]directory.Value{}
	err := r.properties(func(field string, at position) error {
		if _, twice := fields[field]; twice {
			o.complain(at, "%s: %s occurs twice in %s", o.name(), quoted(field), quoted(name))
		}
		begun, err := r.next()
		if err != nil {
			return err
		}
		fields[field], err = r.value(o, name, begun, depth+1)
		return err
	})
	if err != nil {
		return directory.Value{}, err
	}
	record := directory.Record(fields)
	// The store keeps a value as JSON, in which {"$dateTime": …} is the form of a date-time: such a record
	// would come back as another kind. So it is read as what it will be.
	if len(fields) == 1 && fields[dateTimeField].Kind() == directory.KindText {
		text, _ := fields[dateTimeField].Text()
		if record, err = directory.FromJSON(map[string]any{dateTimeField: text}); err != nil {
			o.complain(first.at, "%s: %s is not a time such as 2026-01-31T12:00:00Z", o.name(), quoted(name))
		}
	}
	return record, nil
}

// dateTimeField is the only field of a date-time in JSON (directory.Value.MarshalJSON).
const dateTimeField = "$dateTime"

func (o *jsonObject) complain(at position, format string, args ...any) {
	if o.wrong == nil {
		o.wrong = &flaw{at: at, message: fmt.Sprintf(format, args...)}
	}
}

// name says whose record it is, as far as it has been read.
func (o *jsonObject) name() string {
	if o.Anchor == "" {
		return string(o.Type)
	}
	return fmt.Sprintf("%s %s", o.Type, quoted(string(o.Anchor)))
}
