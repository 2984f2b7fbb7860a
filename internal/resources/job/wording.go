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

// breakdown says how many lose access for which reason, where the names alone do not show it: when there are several reasons, or
// more accounts than names. Groups are named unless detail says otherwise.
func breakdown(impact *provisioningv1.Impact, detail string) string {
	var b strings.Builder
	if causes := impact.GetCauses(); len(causes) > 1 || impact.GetAccountsTruncated() || detail == detailCounts && len(causes) > 0 {
		b.WriteString("\n")
		for _, cause := range causes {
			fmt.Fprintf(&b, "\n%s %d: %s", strings.ReplaceAll(cause.GetAction(), "_", " "), cause.GetCount(), because(cause.GetCause(), cause.GetOrigin()))
		}
	}
	if groups := impact.GetGroups(); len(groups) > 0 && detail != detailCounts {
		names := make([]string, len(groups))
		for i, group := range groups {
			names[i] = fmt.Sprintf("%s (%d)", group.GetName(), group.GetRemovalCount())
		}
		fmt.Fprintf(&b, "\n\nMemberships are removed from %s: %s", plural(impact.GetGroupCount(), "group"), strings.Join(names, ", "))
		if more := impact.GetGroupCount() - int64(len(groups)); more > 0 {
			fmt.Fprintf(&b, " and %d more", more)
		}
	}
	return b.String()
}

// because puts a cause and its origin into words. What a newer engine calls otherwise is said as it is.
func because(cause, origin string) string {
	text := strings.ReplaceAll(cause, "_", " ")
	switch cause {
	case "unassigned":
		text = "no longer assigned"
	case "filter":
		text = "out of the scoping filters"
	case "mapping":
		text = "a mapping switches the account off"
	case "no_member_in_source":
		text = "no longer a member in the source"
	case "not_in_the_other_source":
		text = "not in the source the job reads now"
	}
	switch origin {
	case "configuration":
		return text + ", because the configuration changes"
	case "target":
		return text + ", and switched on in the app"
	case "schedule":
		return text + ", and the delayed delete is due"
	case "held":
		return text + ", held by an earlier cycle"
	}
	return text
}

// accountLines names the accounts of an impact, one a line after an empty line; empty with preview_detail = "counts".
func accountLines(impact *provisioningv1.Impact, detail string) string {
	total := impact.GetDisableCount() + impact.GetDeleteCount() + impact.GetMembershipRemovalCount()
	return namedLines(impact.GetAccounts(), total, detail)
}

// maxRepeated is how many accounts are told their reason each; of more, those with the same reason stand below it.
const maxRepeated = 10

// gathered names accounts below what is done and why, in the order in which reasons first occur.
func gathered(b *strings.Builder, accounts []*provisioningv1.AffectedAccount) {
	var headings []string
	names := map[string][]string{}
	for _, account := range accounts {
		heading := account.GetAction() + " — " + account.GetReason()
		if _, known := names[heading]; !known {
			headings = append(headings, heading)
		}
		names[heading] = append(names[heading], account.GetObjectType()+" "+account.GetName())
	}
	for _, heading := range headings {
		fmt.Fprintf(b, "\n%s:\n  %s", heading, strings.Join(names[heading], "\n  "))
	}
}

// namedLines names at most maxNames of total accounts.
func namedLines(accounts []*provisioningv1.AffectedAccount, total int64, detail string) string {
	if detail == detailCounts || len(accounts) == 0 {
		return ""
	}
	shown := accounts[:min(len(accounts), maxNames)]
	var b strings.Builder
	b.WriteString("\n")
	if len(shown) > maxRepeated {
		gathered(&b, shown)
	} else {
		for _, account := range shown {
			fmt.Fprintf(&b, "\n%s %s %s — %s", account.GetObjectType(), account.GetName(), account.GetAction(), account.GetReason())
		}
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
