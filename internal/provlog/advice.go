package provlog

import (
	"maps"
	"slices"
	"strings"
)

// Category says whose fault an error is (engine.md 23, errorCategory).
type Category string

// The categories. Skips have none: nothing is wrong.
const (
	// CategoryNonService: data, configuration or the target.
	CategoryNonService Category = "nonServiceFailure"
	// CategoryService: this engine.
	CategoryService Category = "failure"
)

// Advice explains an error code (engine.md 24).
type Advice struct {
	Category Category
	// Meaning is one sentence: what is so.
	Meaning string
	// RecommendedAction is one or two sentences: what to do about it.
	RecommendedAction string
}

// AdviceOn returns what an error code means and what to do. False: the code is empty or nobody knows it.
func AdviceOn(code string) (Advice, bool) {
	if advice, ok := advices[code]; ok {
		return advice, true
	}
	// Connectors put their name before these two (engine.md 24).
	for _, suffix := range []string{"EntryConflict", "InvalidCredentials"} {
		if strings.HasSuffix(code, suffix) {
			return advices[suffix], true
		}
	}
	return Advice{}, false
}

// What is recommended for more than one code.
const (
	fixValue  = "Change the value in the source, or the mapping that makes it, or the matching attributes; the next cycle tries again."
	noRights  = "Give the account that the connection's token belongs to the right to read and write these objects in the target."
	repeats   = "Nothing: the next cycle tries again. If it lasts, look at the health of the target."
	askVendor = "Compare the request in the steps with the target's documentation; correct the mapping, or ask the target's vendor."
	nothing   = "Nothing."
)

// The table. Unauthorized is documented with the codes of missing rights; here it is only given for a 401, that is for
// credentials that are refused.
var (
	conflict   = Advice{CategoryNonService, "A value that must be unique is used by another object of the target.", fixValue}
	forbidden  = Advice{CategoryNonService, "The target knows who asks and does not allow it.", noRights}
	unexpected = Advice{CategoryNonService, "The target gave an answer that was not expected.", askVendor}
	missing    = Advice{CategoryNonService, "The target requires a value that the mapping does not give.",
		"Fill the value in the source, or give the mapping a default value; the next cycle tries again."}
	credentials = Advice{CategoryNonService, "The target refuses the connection's credentials, so nothing can be provisioned.",
		"Renew the token, raise its version in the connection and apply."}

	advices = map[string]Advice{
		"Conflict":      conflict,
		"EntryConflict": conflict,
		"TooManyRequests": {CategoryNonService, "The target asked to slow down.",
			"Nothing: the next cycle tries again. If it lasts, lower the rate limit of the connection."},
		"InternalServerError": {CategoryNonService, "The target failed.", repeats},
		"InsufficientRights":  forbidden,
		"MethodNotAllowed":    forbidden,
		"NotPermitted":        forbidden,
		"Unauthorized":        credentials,
		"InvalidCredentials":  credentials,
		"AttributeRefused": {CategoryNonService, "The target refused attributes of an account; those that it takes are written.",
			"Compare the attributes that the reason names with what the target takes; change their values in the source, or take them out of the mapping. They are tried again."},
		"UnprocessableEntity":       unexpected,
		"NotImplemented":            unexpected,
		"WebExceptionProtocolError": {CategoryNonService, "The exchange with the target broke the rules of HTTP.", repeats},
		"Timeout":                   {CategoryNonService, "The target took too long to answer.", repeats},
		"InternalError": {CategoryService, "The engine failed.",
			"Nothing: the next cycle tries again. If it lasts, report it with the steps of this record."},
		"InvalidAnchor": {CategoryNonService, "The account that the link names is gone from the target.",
			"Nothing: the link is dropped and the object matched again. If the account should exist, restore it in the target first."},
		"MandatoryFieldsMissing": missing,
		"MissingValues":          missing,
		"SchemaAttributeNotFound": {CategoryNonService, "A mapping writes an attribute that the target does not have.",
			"Correct the attribute's name, or remove it from the mapping."},
		"SchemaPropertyCanOnlyAcceptValue": {CategoryNonService, "A mapping gives several values for an attribute that holds one.",
			"Choose one value in the expression, for example with Item or SingleAppRoleAssignment."},
		"InvalidDomain": {CategoryNonService, "A value has a domain that the target does not accept.",
			"Verify the domain in the target, or change the value in the source or its mapping."},
		"LicenseLimitExceeded": {CategoryNonService, "The target has no free licence.",
			"Buy or free licences in the target, or narrow the scope of the job."},
		"DuplicateTargetEntries": {CategoryNonService, "More than one object of the target has the matching value.",
			"Remove the duplicates in the target, or match by an attribute that is unique."},
		"DuplicateSourceEntries": {CategoryNonService, "More than one object of the source has the matching value.",
			"Correct the source so that the value is unique, or match by another attribute."},
		"SystemForCrossDomainIdentityManagementMultipleEntriesInResponse": {CategoryNonService,
			"The target answered with several resources where one is expected.",
			"Match by an attribute that is unique in the target. If a group's members come back although they were excluded, ask the target's vendor."},
		"SystemForCrossDomainIdentityManagementServiceIncompatible": {CategoryNonService,
			"The target's answer cannot be read, or is not SCIM.",
			"Check base_url. If it is right, show the reason of this record to the target's vendor."},
		"SystemForCrossDomainIdentityManagementCredentialValidationUnavailable": {CategoryNonService,
			"The test of the connection failed, so the job did not run.",
			"Check base_url and the token, and that the target answers a search without hits with 200 and an empty list."},
		"ImportSkipped": {"", "The object has no value for any matching attribute, so nothing else was looked at.",
			"Fill the attribute in the source, or match by another one."},
		"EntrySynchronizationSkipped": {"", "The object is out of scope, or there was nothing to write.",
			"Nothing, unless the object should be in scope: then check scope, assignments and scoping filters."},
		"RedundantExport": {"", "Source and target are equal already.", nothing},
		"NotEffectivelyEntitled": {"", "The object is not assigned in a way that counts for provisioning.",
			"Nothing, unless it should be: then check that it is active, assigned, and passes the scoping filters."},
		"MappingFailed": {CategoryNonService, "An expression of the mapping failed on this object.",
			"Correct the expression or the value it reads; the command eval --trace shows the value of every part."},
		"NoUniqueValue": {CategoryNonService, "Every value that SelectUniqueValue offers is in use.",
			"Give the expression further alternatives, or free one of the values in the target."},
		"NotInSource": {CategoryNonService, "The engine's copy of the source has no such object.",
			"Check the id or name; explain lists the nearest names."},
		"AmbiguousSubject": {CategoryNonService, "Several objects of the source have this name.",
			"Name the object by its id."},
		"OnDemandInterrupted": {CategoryService, "Provisioning on demand was cut off before its result was recorded.",
			"Nothing: the next cycle looks at the object again. To see it at once, provision it on demand once more."},
		"MembersInDoubt": {CategoryNonService, "The answer to a change of a group's members was lost, so it is not known what the group has.",
			"Nothing: the next cycle reads the group and writes what is missing."},
	}
)

// Codes returns every code that is explained, sorted.
func Codes() []string {
	return slices.Sorted(maps.Keys(advices))
}
