package scim

import "fmt"

// ProfileRFC follows RFC 7644 to the letter; it is the default for new targets (design.md 7).
const ProfileRFC = "rfc"

// profile says how a target wants its requests written (scim-client.md, the wire profiles). It is data: the
// code asks for a property and never for the name.
type profile struct {
	name string
	// add, replace and remove are the names of the PATCH operations.
	add, replace, remove string
	// filterSpace is a space inside an encoded filter.
	filterSpace string
	// membersPerPatch is how many members one PATCH adds or removes.
	membersPerPatch int
}

// profiles lists the profiles that can be selected.
var profiles = []profile{
	{name: ProfileRFC, add: "add", replace: "replace", remove: "remove", filterSpace: "%20", membersPerPatch: 100},
}

// profileNamed returns a profile; the empty name means rfc.
func profileNamed(name string) (profile, error) {
	if name == "" {
		name = ProfileRFC
	}
	for _, p := range profiles {
		if p.name == name {
			return p, nil
		}
	}
	return profile{}, fmt.Errorf("profile %q is not known; use %q", name, ProfileRFC)
}
