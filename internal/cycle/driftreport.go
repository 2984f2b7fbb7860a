package cycle

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// maxDriftNames bounds the accounts that one warning names.
const maxDriftNames = 50

// driftKinds are the kinds of drift, what matters most first, and what they are called.
func driftKinds() []struct {
	kind store.DriftKind
	name string
} {
	return []struct {
		kind store.DriftKind
		name string
	}{
		{store.DriftSwitchedOn, "switched on"}, {store.DriftSwitchedOff, "switched off"}, {store.DriftGone, "gone"}, {store.DriftChanged, "changed"},
	}
}

// driftWarnings say what the last check found, for plans and applies. The first line of each counts and names nobody; the
// lines after it name accounts. plan: the repairs are still to come.
func (e *Engine) driftWarnings(ctx context.Context, definition job.Definition, plan bool) ([]string, error) {
	if !watchesDrift(definition) {
		return nil, nil
	}
	check, err := e.Store.LastDriftCheck(ctx, definition.ID)
	if err != nil {
		return nil, err
	}
	counts, err := e.Store.CountDrift(ctx, definition.ID)
	if err != nil {
		return nil, err
	}
	var warnings []string
	if check.Problem != "" {
		warnings = append(warnings, "Changes made in the target were not looked for: "+check.Problem)
	}
	repair := definition.Drift == job.DriftRepair
	managed, released := countDrift(counts)
	if managed != "" && (plan || !repair) {
		text := managed + ` since the job wrote them. drift is "report": nothing is done about it`
		if repair {
			text = managed + " since the job wrote them; an apply puts them right. What takes access away is part of planned_impact"
		}
		names, err := e.driftNames(ctx, definition.ID, true)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, text+names)
	}
	if released != "" {
		names, err := e.driftNames(ctx, definition.ID, false)
		if err != nil {
			return nil, err
		}
		warnings = append(warnings, released+" that the job had switched off and let go when their people left its scope. "+
			"They are not its accounts any more, so nothing is done about it; take the people back into scope, or switch the accounts off in the target"+names)
	}
	return warnings, nil
}

// countDrift says how many accounts drifted, and in which ways: those that are managed, and those that were released. Empty
// for none.
func countDrift(counts []store.DriftCount) (managed, released string) {
	by := map[store.DriftKind]int64{}
	var total, letGo int64
	for _, count := range counts {
		if count.Managed {
			by[count.Kind] += count.Count
			total += count.Count
		} else {
			letGo += count.Count
		}
	}
	var parts []string
	for _, k := range driftKinds() {
		if n := by[k.kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, k.name))
		}
	}
	if total > 0 {
		managed = fmt.Sprintf("%s changed in the target (%s)", accountsWere(total), strings.Join(parts, ", "))
	}
	if letGo > 0 {
		released = accountsWere(letGo) + " switched on in the target"
	}
	return managed, released
}

func accountsWere(n int64) string {
	if n == 1 {
		return "1 account was"
	}
	return fmt.Sprintf("%d accounts were", n)
}

// driftNames names accounts that drifted, one a line, what matters most first.
func (e *Engine) driftNames(ctx context.Context, jobID string, managed bool) (string, error) {
	rank := map[store.DriftKind]int{}
	called := map[store.DriftKind]string{}
	for i, k := range driftKinds() {
		rank[k.kind], called[k.kind] = i, k.name
	}
	var first []store.Drift // the most important ones so far
	total := 0
	var after store.LinkKey
	for {
		page, err := e.Store.ListDrift(ctx, jobID, after, previewPageSize)
		if err != nil {
			return "", err
		}
		for _, drift := range page {
			after = drift.LinkKey
			if drift.Managed == managed {
				first = append(first, drift)
				total++
			}
		}
		slices.SortFunc(first, func(a, b store.Drift) int {
			return cmp.Or(cmp.Compare(rank[a.Kind], rank[b.Kind]), -cmp.Compare(a.Type, b.Type), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source))
		})
		first = first[:min(len(first), maxDriftNames)]
		if len(page) < previewPageSize {
			break
		}
	}
	var b strings.Builder
	for _, drift := range first {
		fmt.Fprintf(&b, "\n%s %s: %s", drift.Type, drift.Name, called[drift.Kind])
		if drift.Kind == store.DriftChanged {
			b.WriteString(": " + strings.Join(driftedAttributes(drift), ", "))
		}
	}
	if more := total - len(first); more > 0 {
		fmt.Fprintf(&b, "\n… and %d more", more)
	}
	return b.String(), nil
}

func driftedAttributes(drift store.Drift) []string {
	names := make([]string, len(drift.Attributes), len(drift.Attributes)+1)
	for i, d := range drift.Attributes {
		names[i] = d.Attribute
	}
	if m := drift.Members; m.Any() {
		names = append(names, fmt.Sprintf("members (%d missing, %d added)", m.Missing, m.Added))
	}
	return names
}
