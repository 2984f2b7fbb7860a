package scim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The names of the wire profiles (scim-client.md). ProfileRFC follows RFC 7644 to the letter and is the default for new
// targets (design.md 7).
const (
	ProfileRFC            = "rfc"
	ProfileEntra          = "entra"
	ProfileEntraCompliant = "entra-compliant"
)

// profile says how a target wants its requests written (scim-client.md, the wire profiles). It is data: the
// code asks for a property and never for the name. What a target teaches is laid over it (dialect).
type profile struct {
	name string
	// version counts the descriptions of a name. A service changes its form without notice (scim-client.md 17, row 23), so a
	// connection can be pinned to one: entra@1.
	version int
	// headers go with every request (scim-client.md 1).
	headers []header
	// add, replace and remove are the names of the PATCH operations.
	add, replace, remove string
	// textBooleans writes a boolean in a PATCH as "True" or "False" (scim-client.md 6.4).
	textBooleans bool
	// quotedBooleans writes a boolean inside a filter the same way.
	quotedBooleans bool
	// comparedPaths compares a filtered path as a whole in a filter, as Microsoft's service does, instead of with a second
	// comparison inside the brackets (scim-client.md 2, row 2).
	comparedPaths bool
	// filterSpace is a space inside an encoded filter.
	filterSpace string
	// merged writes several plain attributes as one replace without path, whose keys are paths (scim-client.md 6.2).
	merged bool
	// replaceAbsent replaces an attribute that has no value too, instead of adding it.
	replaceAbsent bool
	// wholeElements adds an element of a multi-valued attribute whole; otherwise each part is added by its filtered path.
	wholeElements bool
	// bareReferences writes a reference as the id instead of an object, emptyReference removes it by writing an empty text
	// instead of with remove (scim-client.md 9).
	bareReferences, emptyReference bool
	// roleTexts adds a role as a JSON text inside value (mappings-and-scoping.md 9.2).
	roleTexts bool
	// valueRemoval prefers to remove members by value; it must be proven harmless first (scim-client.md 17, row 4).
	valueRemoval bool
	// schemas that a new resource always lists, by the name of its type, and whether it lists the extensions it uses besides
	// (mappings-and-scoping.md 8.1).
	schemas        map[string][]string
	listExtensions bool
	// selections are the elements that this target selects in another way; only learned.
	selections []selection
}

// header is one line of a request's head.
type header struct{ name, value string }

// adGroupURI stands in the schemas of every group that Microsoft's service creates (scim-client.md 10).
const adGroupURI = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"

// profiles lists the profiles that can be selected, the newest version of a name last.
func profiles() []profile {
	entraSchemas := map[string][]string{"User": {coreUserURN, enterpriseUserURN}, "Group": {coreGroupURN, adGroupURI}}
	entraHeaders := []header{{"ADSCIMVersion", "6.0"}}
	return []profile{
		{
			name: ProfileRFC, version: 1, add: "add", replace: "replace", remove: "remove", filterSpace: "%20", wholeElements: true,
			schemas: map[string][]string{"User": {coreUserURN}, "Group": {coreGroupURN}}, listExtensions: true,
		},
		{
			name: ProfileEntra, version: 1, headers: entraHeaders, add: "Add", replace: "Replace", remove: "Remove", filterSpace: "+",
			textBooleans: true, quotedBooleans: true, comparedPaths: true, bareReferences: true, emptyReference: true, roleTexts: true, valueRemoval: true,
			schemas: entraSchemas,
		},
		{
			name: ProfileEntraCompliant, version: 1, headers: entraHeaders, add: "add", replace: "replace", remove: "remove", filterSpace: "+",
			quotedBooleans: true, comparedPaths: true, merged: true, bareReferences: true, emptyReference: true,
			schemas: entraSchemas,
		},
	}
}

// Profiles returns the names that Options.Profile takes; each may be followed by a version, for example entra@1.
func Profiles() []string {
	var names []string
	for _, p := range profiles() {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}

// ProfileVersions returns every version of every profile, for example entra@1.
func ProfileVersions() []string {
	var names []string
	for _, p := range profiles() {
		names = append(names, p.name+"@"+strconv.Itoa(p.version))
	}
	return names
}

// profileNamed returns a profile, the newest version when the name has none; the empty name means rfc.
func profileNamed(text string) (profile, error) {
	if text == "" {
		text = ProfileRFC
	}
	name, version, pinned := strings.Cut(text, "@")
	var found profile
	var versions []string
	for _, p := range profiles() {
		if p.name != name {
			continue
		}
		versions = append(versions, name+"@"+strconv.Itoa(p.version))
		if !pinned || version == strconv.Itoa(p.version) {
			found = p
		}
	}
	switch {
	case found.name != "":
		return found, nil
	case len(versions) > 0:
		return profile{}, fmt.Errorf("profile %q is not known; %s has the versions %s", text, name, strings.Join(versions, ", "))
	default:
		return profile{}, fmt.Errorf("profile %q is not known; use one of %s", text, strings.Join(Profiles(), ", "))
	}
}

// selection is an element of a multi-valued attribute that a target does not find by the mapping's filter, because it does
// not keep what the filter asks for (scim-client.md 17, row 8).
type selection struct {
	// element is the filtered path of the mapping, without sub-attribute.
	element Path
	form    string
}

// The forms of a selection: the primary element, or the only one.
const (
	selectPrimary = "primary"
	selectOnly    = "only"
)

// selected returns the path by which the target finds what a mapping's path names. One without filter names the only element.
func (p profile) selected(path Path) Path {
	if path.FilterBy == "" {
		return path
	}
	for _, s := range p.selections {
		if !s.element.same(path.element()) {
			continue
		}
		switch s.form {
		case selectPrimary:
			path.FilterBy, path.FilterValue = "primary", "true"
		case selectOnly:
			path.FilterBy, path.FilterValue = "", ""
		}
	}
	return path
}
