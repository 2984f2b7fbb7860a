package exchange

import (
	"slices"
	"strings"
)

// Row is a kind of member that has no counterpart and is left out of an import without a note.
type Row struct {
	// Path of the members, with [] for every element of a list. A member "*" stands for everything below.
	Path string
	Why  string
}

// LeftOut lists what an import leaves out without a note. Besides these, members whose name contains @odata., and
// unknown members that are null or empty, say nothing and are left out.
func LeftOut() []Row {
	const (
		identity = "identity in Graph; here ids are made of keys"
		source   = "the source itself describes (only flowNullValues is imported)"
	)
	return []Row{
		{"id", identity},
		{"version", "Graph counts versions of a schema; here the version control does"},
		{"provisioningTaskIdentifier", identity},
		{"directories[].id", identity},
		{"directories[].version", "version of the directory's description"},
		{"directories[].discoverabilities", "what schema discovery supports"},
		{"directories[].discoveryDateTime", "when the schema was discovered"},
		{"directories[].readOnly", "whether the portal may edit the attribute list"},
		{"directories[].objects[].supportedApis", "what the directory's interface supports"},
		{"directories[].objects[].attributes[].anchor", "which attribute identifies an object is the connector's business"},
		{"directories[].objects[].attributes[].*", "of source attributes, which " + source + "; of attributes that nothing uses; of used target attributes only flowNullValues and references to users and groups"},
		{"synchronizationRules[].id", identity},
		{"synchronizationRules[].name", "name of the rule"},
		{"synchronizationRules[].priority", "order of rules; there is one mapping for each object type"},
		{"synchronizationRules[].editable", "whether the portal may edit the rule"},
		{"synchronizationRules[].objectMappings[].id", identity},
		{"synchronizationRules[].objectMappings[].attributeMappings[].source.parameters[].key", "name of a function's place, at any depth; the text of the expression says the same"},
	}
}

// leftOut reports whether a path is among the rows of LeftOut.
func leftOut(path string) bool {
	var b strings.Builder
	inIndex := false
	for _, r := range path {
		switch {
		case r == '[':
			inIndex = true
			b.WriteString("[]")
		case r == ']':
			inIndex = false
		case !inIndex:
			b.WriteRune(r)
		}
	}
	return slices.ContainsFunc(LeftOut(), func(row Row) bool {
		return strings.EqualFold(row.Path, b.String())
	})
}

// The metadata that is left out without a note: by key, the values that say nothing; nil for any value.

func ruleMetadata() map[string][]string {
	return map[string][]string{
		"defaultSourceObjectMappings": nil, // what the portal restores
		"supportsProvisionOnDemand":   nil, // what the portal offers
	}
}

func mappingMetadata() map[string][]string {
	return map[string][]string{
		"IsCustomerDefined":           nil, // who added it
		"OriginalJoiningProperty":     nil, // what the portal restores
		"DisableMonitoringForChanges": {"false"},
		"Disposition":                 {`"Normal"`, "Normal"},
		"ExcludeFromReporting":        {"false"},
		"EscrowBehavior":              {`"Default"`, "Default"},
		"Unsynchronized":              {"false"},
	}
}

func attributeMetadata() map[string][]string {
	return map[string][]string{
		"IsCustomerDefined": nil,
		"IsContainer":       {"false"},
		"IsDomainQualified": {"false"},
		"BaseAttributeName": nil, // how the portal groups attributes
	}
}
