package job

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	provisioningv1 "github.com/app-provisioning/terraform-provider-provisioning/internal/api/gen/provisioning/v1"
)

// Summaries end up in titles of CI systems and decide which warnings are folded: they hold the job and the numbers,
// never a name of an account (plan-preview-mechanics.md 6 no. 10).

func takesAway(impact *provisioningv1.Impact) bool {
	return impact.GetDisableCount() > 0 || impact.GetDeleteCount() > 0 || impact.GetMembershipRemovalCount() > 0
}

// impactSummary says what an impact takes away, after a subject such as "Job wiki/main would". It is empty when the
// impact takes nothing away.
func impactSummary(subject string, impact *provisioningv1.Impact, managed int64) string {
	var accounts []string
	if n := impact.GetDisableCount(); n > 0 {
		accounts = append(accounts, fmt.Sprintf("disable %d", n))
	}
	if n := impact.GetDeleteCount(); n > 0 {
		accounts = append(accounts, fmt.Sprintf("delete %d", n))
	}
	var parts []string
	if len(accounts) > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", strings.Join(accounts, " and "), plural(managed, "account")))
	}
	if n := impact.GetMembershipRemovalCount(); n > 0 {
		parts = append(parts, "remove "+plural(n, "group membership"))
	}
	if len(parts) == 0 {
		return ""
	}
	return subject + " " + strings.Join(parts, " and ")
}

// accountLines names the accounts of an impact, one a line after an empty line; empty with preview_detail = "counts".
func accountLines(impact *provisioningv1.Impact, detail string) string {
	total := impact.GetDisableCount() + impact.GetDeleteCount() + impact.GetMembershipRemovalCount()
	return namedLines(impact.GetAccounts(), total, detail)
}

// namedLines names at most maxNames of total accounts.
func namedLines(accounts []*provisioningv1.AffectedAccount, total int64, detail string) string {
	if detail == detailCounts || len(accounts) == 0 {
		return ""
	}
	shown := accounts[:min(len(accounts), maxNames)]
	var b strings.Builder
	b.WriteString("\n")
	for _, account := range shown {
		fmt.Fprintf(&b, "\n%s %s %s — %s", account.GetObjectType(), account.GetName(), account.GetAction(), account.GetReason())
	}
	if more := total - int64(len(shown)); more > 0 {
		fmt.Fprintf(&b, "\n… and %d more", more)
	}
	return b.String()
}

// failureLines names the first objects that failed, or counts them by code with preview_detail = "counts".
func failureLines(failures []*provisioningv1.ObjectFailure, detail string) string {
	var lines []string
	for _, failure := range failures[:min(len(failures), maxNames)] {
		if detail == detailCounts {
			lines = append(lines, fmt.Sprintf("%s: %s", failure.GetObjectType(), failure.GetCode()))
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s: %s", failure.GetObjectType(), failure.GetName(), failure.GetCode(), failure.GetMessage()))
	}
	if detail == detailCounts {
		slices.Sort(lines)
		lines = slices.Compact(lines)
	}
	return strings.Join(lines, "\n")
}

// unnamed leaves the names out of the engine's refusal with preview_detail = "counts". The engine names accounts one a
// line, after the line that says why (plan-preview-mechanics.md 6 no. 11).
func unnamed(failure diag.Diagnostic, detail string) diag.Diagnostic {
	frame, said, _ := strings.Cut(failure.Detail(), "\n\n")
	why, _, several := strings.Cut(said, "\n")
	if detail != detailCounts || !several {
		return failure
	}
	return diag.NewErrorDiagnostic(failure.Summary(), frame+"\n\n"+why)
}

// remarks turns the engine's remarks into warnings with different summaries, because Terraform folds equal ones.
// Only the first line of a remark names nobody.
func remarks(id string, messages []string, detail string) diag.Diagnostics {
	var diags diag.Diagnostics
	for i, message := range messages {
		if detail == detailCounts {
			message, _, _ = strings.Cut(message, "\n")
		}
		diags.AddWarning(fmt.Sprintf("Job %s: remark %d of %d", id, i+1, len(messages)), message)
	}
	return diags
}

func plural(n int64, singular string) string {
	if n == 1 {
		return "1 " + singular
	}
	return fmt.Sprintf("%d %ss", n, singular)
}
