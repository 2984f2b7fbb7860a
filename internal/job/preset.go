package job

import (
	"cmp"
	"slices"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// The names of the default mappings.
const (
	// PresetEntra is the default mapping of an application that is not in Microsoft's gallery.
	PresetEntra = "entra-default"
	// PresetTemplate is that of the app's template (Mapping.TemplateRows).
	PresetTemplate = "template"
)

// Presets lists the names of the default mappings.
func Presets() []string { return []string{PresetEntra, PresetTemplate} }

const enterpriseUser = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"

// entraUser is mappings-and-scoping.md 7.1, row by row.
var entraUser = [][2]string{
	{"[userPrincipalName]", "userName"},
	{`Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "active"},
	{"[displayName]", "displayName"},
	{"[jobTitle]", "title"},
	{"[mail]", `emails[type eq "work"].value`},
	{"[preferredLanguage]", "preferredLanguage"},
	{"[givenName]", "name.givenName"},
	{"[surname]", "name.familyName"},
	{`Join(" ", [givenName], [surname])`, "name.formatted"},
	{"[physicalDeliveryOfficeName]", `addresses[type eq "work"].formatted`},
	{"[streetAddress]", `addresses[type eq "work"].streetAddress`},
	{"[city]", `addresses[type eq "work"].locality`},
	{"[state]", `addresses[type eq "work"].region`},
	{"[postalCode]", `addresses[type eq "work"].postalCode`},
	{"[country]", `addresses[type eq "work"].country`},
	{"[telephoneNumber]", `phoneNumbers[type eq "work"].value`},
	{"[mobile]", `phoneNumbers[type eq "mobile"].value`},
	{"[facsimileTelephoneNumber]", `phoneNumbers[type eq "fax"].value`},
	{"[mailNickname]", "externalId"},
	{"[employeeId]", enterpriseUser + "employeeNumber"},
	{"[department]", enterpriseUser + "department"},
	{"[manager]", enterpriseUser + "manager"},
}

// entraGroup is mappings-and-scoping.md 7.2.
var entraGroup = [][2]string{
	{"[displayName]", "displayName"},
	{"[objectId]", "externalId"},
	{"[members]", "members"},
}

// PresetTable returns the mappings of a preset for an object type, sorted by target, and whether there is such a preset
// (mappings-and-scoping.md 7.1, 7.2); that of PresetTemplate differs from app to app and is not among them. The first row of each table matches; all apply Always and have no default.
func PresetTable(name string, objectType directory.ObjectType) ([]AttributeMapping, bool) {
	var rows [][2]string
	switch {
	case name == PresetEntra && objectType == directory.User:
		rows = entraUser
	case name == PresetEntra && objectType == directory.Group:
		rows = entraGroup
	default:
		return nil, false
	}
	table := make([]AttributeMapping, len(rows))
	for i, row := range rows {
		table[i] = AttributeMapping{Target: row[1], Expression: row[0], FlowType: FlowAlways, FlowBehavior: FlowWhenChanged}
	}
	table[0].MatchingPrecedence = 1
	sortMappings(table)
	return table, true
}

// Effective returns the mappings that apply, sorted by target: those of the preset without what Exclude names, overridden
// by Attributes where both have the same target (SameTarget).
func (m Mapping) Effective() []AttributeMapping {
	table, _ := m.table()
	effective := slices.DeleteFunc(slices.Clone(table), func(preset AttributeMapping) bool {
		return m.Owns(preset.Target) || slices.ContainsFunc(m.Exclude, func(excluded string) bool { return SameTarget(excluded, preset.Target) })
	})
	effective = append(effective, m.Attributes...)
	sortMappings(effective)
	return effective
}

// table returns the mappings of the mapping's preset, and whether they are known.
func (m Mapping) table() ([]AttributeMapping, bool) {
	if m.Preset == PresetTemplate {
		return m.TemplateRows, m.TemplateRows != nil
	}
	return PresetTable(m.Preset, m.ObjectType)
}

// Owns reports whether a target is among Attributes, and not only in the preset.
func (m Mapping) Owns(target string) bool {
	return slices.ContainsFunc(m.Attributes, func(own AttributeMapping) bool { return SameTarget(own.Target, target) })
}

func sortMappings(mappings []AttributeMapping) {
	slices.SortStableFunc(mappings, func(a, b AttributeMapping) int { return cmp.Compare(a.Target, b.Target) })
}
