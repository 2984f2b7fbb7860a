package directory

import "strings"

// ObjectType is the type of an object in a directory or an application.
type ObjectType string

// The object types provisioned (engine.md 14).
const (
	User  ObjectType = "user"
	Group ObjectType = "group"
)

// ObjectTypes lists the object types in the order they are processed: users before groups (engine.md 15).
func ObjectTypes() []ObjectType { return []ObjectType{User, Group} }

// Anchor identifies an object in one system, for as long as the object exists there (engine.md 1). It is
// opaque: its form means nothing.
type Anchor string

// Removal says whether and how an object left the source (engine.md 3, rule 6).
type Removal string

// The removal states.
const (
	// Present: the object exists.
	Present Removal = ""
	// SoftDeleted: in the recycle bin and restorable.
	SoftDeleted Removal = "soft"
	// HardDeleted: gone for good.
	HardDeleted Removal = "hard"
)

// The source attributes the engine itself reads. Mappings may name any other.
const (
	AttributeUserPrincipalName = "userPrincipalName"
	AttributeDisplayName       = "displayName"
	AttributeAccountEnabled    = "accountEnabled"
	AttributeSecurityEnabled   = "securityEnabled"
	// AttributeIsSoftDeleted is computed by the engine, never stored (mappings-and-scoping.md 7.3).
	AttributeIsSoftDeleted = "IsSoftDeleted"
	// AttributeObjectID is the older name of the object's own id; it is always available.
	AttributeObjectID = "objectId"
	// ReferenceManager and ReferenceMembers are the relations the source delivers.
	ReferenceManager = "manager"
	ReferenceMembers = "members"
)

// Object is a user or group as a source delivers it.
type Object struct {
	Type   ObjectType
	Anchor Anchor
	// Attributes by their exact, case-sensitive name. An absent attribute is null.
	Attributes map[string]Value
	// References by relation name, to other objects of the same source. Sorted by anchor, without repeats.
	References map[string][]Anchor
	Removed    Removal
}

// Attribute returns an attribute's value, null when the object has none. The object's own id answers to
// "id" and "objectId" even when the source lists neither.
func (o Object) Attribute(name string) Value {
	if value, ok := o.Attributes[name]; ok {
		return value
	}
	if name == "id" || name == AttributeObjectID {
		return Text(string(o.Anchor))
	}
	return Null()
}

// Enabled reports whether the account is enabled in the source: accountEnabled is absent or true
// (engine.md 4, "Active in source system"). Groups have no such attribute and are always enabled.
func (o Object) Enabled() bool {
	value := o.Attribute(AttributeAccountEnabled)
	if b, ok := value.AsBoolean(); ok {
		return b
	}
	text, ok := value.Text()
	return !ok || !strings.EqualFold(text, "false")
}

// SecurityEnabled reports whether a group can be assigned: securityEnabled is absent or true (engine.md 4).
func (o Object) SecurityEnabled() bool {
	value := o.Attribute(AttributeSecurityEnabled)
	if b, ok := value.AsBoolean(); ok {
		return b
	}
	text, ok := value.Text()
	return !ok || !strings.EqualFold(text, "false")
}

// Active reports whether the object exists, is not soft-deleted and is enabled.
func (o Object) Active() bool { return o.Removed == Present && o.Enabled() }
