package provlog_test

import (
	"strings"
	"testing"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	documented := strings.Fields(`
		Conflict EntryConflict TooManyRequests InternalServerError InsufficientRights MethodNotAllowed NotPermitted Unauthorized
		UnprocessableEntity NotImplemented WebExceptionProtocolError Timeout InternalError InvalidAnchor MandatoryFieldsMissing MissingValues
		SchemaAttributeNotFound SchemaPropertyCanOnlyAcceptValue InvalidDomain LicenseLimitExceeded DuplicateTargetEntries DuplicateSourceEntries
		SystemForCrossDomainIdentityManagementMultipleEntriesInResponse SystemForCrossDomainIdentityManagementServiceIncompatible
		SystemForCrossDomainIdentityManagementCredentialValidationUnavailable ImportSkipped EntrySynchronizationSkipped RedundantExport
		NotEffectivelyEntitled ExampleEntryConflict ExampleInvalidCredentials`)
	ours := []string{
		engine.CodeImportSkipped, engine.CodeDuplicateTargetEntries, engine.CodeDuplicateSourceEntries, engine.CodeRedundantExport,
		engine.CodeMappingFailed, engine.CodeMandatoryFieldsMissing, engine.CodeNoUniqueValue, engine.CodeSkipped, "MembersInDoubt", "AttributeRefused",
	}
	skips := map[string]bool{"ImportSkipped": true, "EntrySynchronizationSkipped": true, "RedundantExport": true, "NotEffectivelyEntitled": true}
	for _, code := range append(append(documented, ours...), provlog.Codes()...) {
		advice, known := provlog.AdviceOn(code)
		if !known || !strings.HasSuffix(advice.Meaning, ".") || !strings.HasSuffix(advice.RecommendedAction, ".") {
			t.Errorf("%s is explained by %+v, %t; want sentences", code, advice, known)
		}
		if (advice.Category == "") != skips[code] {
			t.Errorf("%s has category %q", code, advice.Category)
		}
	}
	for _, code := range []string{"", "Nonsense", "conflict"} {
		if advice, known := provlog.AdviceOn(code); known {
			t.Errorf("%q is explained by %+v", code, advice)
		}
	}
}
