package scim

import "strings"

// kind says how the core and enterprise schemas of RFC 7643 define an attribute.
type kind uint8

const (
	// kindUnknown is an attribute no RFC defines: an extension's.
	kindUnknown kind = iota
	kindText
	kindBoolean
	// kindComplex has sub-attributes: name, manager.
	kindComplex
	// kindElements is multi-valued with sub-attributes: emails.
	kindElements
	kindReadOnly
)

// Core attributes by lower-case name, users and groups together (RFC 7643 3.1, 4.1, 4.2).
var coreKinds = map[string]kind{
	"id": kindReadOnly, "meta": kindReadOnly, "schemas": kindReadOnly, "groups": kindReadOnly, "password": kindReadOnly,
	"externalid": kindText, "username": kindText, "displayname": kindText, "nickname": kindText, "profileurl": kindText,
	"title": kindText, "usertype": kindText, "preferredlanguage": kindText, "locale": kindText, "timezone": kindText,
	"active": kindBoolean,
	"name":   kindComplex,
	"emails": kindElements, "phonenumbers": kindElements, "ims": kindElements, "photos": kindElements,
	"addresses": kindElements, "entitlements": kindElements, "roles": kindElements, "x509certificates": kindElements,
	"members": kindElements,
}

// Enterprise user attributes by lower-case name (RFC 7643 4.3).
var enterpriseKinds = map[string]kind{
	"employeenumber": kindText, "costcenter": kindText, "organization": kindText, "division": kindText,
	"department": kindText, "manager": kindComplex,
}

// kindOf returns the kind of the attribute, or of the sub-attribute, that a path ends in.
func kindOf(path Path) kind {
	container := containerKind(path)
	switch {
	case isPrimary(path.Sub):
		return kindBoolean
	case path.Sub == "":
		return container
	case container == kindComplex || container == kindElements:
		return kindText
	default:
		return kindUnknown
	}
}

// isPrimary recognises the one boolean among the sub-attributes of multi-valued attributes (RFC 7643 2.4).
func isPrimary(sub string) bool { return strings.EqualFold(sub, "primary") }

// containerKind returns the kind of the attribute a path begins with.
func containerKind(path Path) kind {
	switch {
	case path.URN == "":
		return coreKinds[strings.ToLower(path.Attribute)]
	case strings.EqualFold(path.URN, enterpriseUserURN):
		return enterpriseKinds[strings.ToLower(path.Attribute)]
	default:
		return kindUnknown
	}
}

// caseExact reports whether the schema compares an attribute's values exactly. Everything else is compared
// without regard to case, which is also the default for attributes no RFC defines (RFC 7643 2.2).
func caseExact(path Path) bool {
	if path.URN != "" {
		return false
	}
	name := strings.ToLower(path.Attribute)
	return name == "externalid" || name == "id"
}

// readOnlyAttributes cannot be mapping targets: the server's own, and the password, which has no source.
func readOnlyAttributes() []string { return []string{"id", "meta", "schemas", "groups", "password"} }
