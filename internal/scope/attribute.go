package scope

import (
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// unusable says why an attribute cannot be tested (mappings-and-scoping.md 13.4), or returns "". Types are known to the
// source alone, so dates are told by their names.
func unusable(attribute string) string {
	switch {
	case attribute == "":
		return "the clause names no attribute: name a source attribute"
	case strings.TrimSpace(attribute) != attribute:
		return fmt.Sprintf("attribute %q has blanks around it: remove them", attribute)
	case strings.EqualFold(attribute, directory.AttributeIsSoftDeleted):
		// It is computed from the filters (mappings-and-scoping.md 7.3).
		return fmt.Sprintf("attribute %s follows from the scoping filters and cannot be used in one: test %s instead",
			attribute, directory.AttributeAccountEnabled)
	case slices.ContainsFunc([]string{"appRoleAssignments", "userType", directory.ReferenceManager, directory.ReferenceMembers},
		func(name string) bool { return strings.EqualFold(name, attribute) }):
		return fmt.Sprintf("attribute %s cannot be used in a scoping filter: test another attribute, or use assignments", attribute)
	case isDate(attribute):
		return fmt.Sprintf("attribute %s is a date, which cannot be used in a scoping filter: test another attribute", attribute)
	default:
		return ""
	}
}

// isDate reports whether an attribute holds a date by the names that directories and HR systems use: employeeHireDate,
// StatusTerminationDate, createdDateTime, and those that do not say so.
func isDate(attribute string) bool {
	for _, suffix := range []string{"Date", "DateTime"} {
		if strings.HasSuffix(attribute, suffix) {
			return true
		}
	}
	switch strings.ToLower(attribute) {
	case "accountexpires", "badpasswordtime", "birthday", "createddatetime", "deleteddatetime", "employeehiredate",
		"employeeleavedatetime", "enddate", "hiredate", "lastlogon", "lastlogontimestamp", "pwdlastset", "startdate",
		"statushiredate", "statusterminationdate", "terminationdate", "whenchanged", "whencreated":
		return true
	default:
		return false
	}
}

// isExtension reports whether an attribute is a directory extension, extension_<app id>_<name>; multi-valued ones are not
// supported (mappings-and-scoping.md 6), which only a value can show.
func isExtension(attribute string) bool {
	id, _, found := strings.Cut(strings.TrimPrefix(attribute, "extension_"), "_")
	hexadecimal := func(r rune) bool { return strings.ContainsRune("0123456789abcdefABCDEF", r) }
	return found && strings.HasPrefix(attribute, "extension_") && len(id) == 32 &&
		!strings.ContainsFunc(id, func(r rune) bool { return !hexadecimal(r) })
}
