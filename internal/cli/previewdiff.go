package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// previewDiff is what changed from one preview to another.
type previewDiff struct {
	Version int              `json:"format_version"`
	Jobs    []previewJobDiff `json:"jobs"` // those that changed, by id
	Notes   []string         `json:"notes,omitempty"`
}

type previewJobDiff struct {
	ID     string         `json:"job"`
	Action [2]string      `json:"action"` // before, after; empty: the job is not there
	Counts []previewCount `json:"counts,omitempty"`
	// Came and Gone are accounts that lose access now, and that no longer do.
	Came    []previewAccount `json:"came,omitempty"`
	Gone    []previewAccount `json:"gone,omitempty"`
	Changed []previewReason  `json:"changed,omitempty"`
	// Others: the complete lists are not the same, by their digests.
	Others bool     `json:"digest_changed,omitempty"`
	Notes  []string `json:"notes,omitempty"`
}

// previewCount is a number that changed; null: not known.
type previewCount struct {
	Name   string `json:"name"`
	Before *int64 `json:"before"`
	After  *int64 `json:"after"`
}

// previewReason is an account that loses access in another way, or for another reason.
type previewReason struct {
	Before previewAccount `json:"before"`
	After  previewAccount `json:"after"`
}

// readPreview reads what preview --json said.
func readPreview(r io.Reader) (previewReport, error) {
	var report previewReport
	raw, err := io.ReadAll(io.LimitReader(r, previewMaxBytes+1))
	switch {
	case err != nil:
		return report, err
	case len(raw) > previewMaxBytes:
		return report, fmt.Errorf("the preview is larger than %d MiB", previewMaxBytes>>20)
	}
	err = json.Unmarshal(raw, &report)
	switch {
	case err != nil:
		return report, fmt.Errorf("this is not what preview --json prints: %w", err)
	case report.Version == 0 || report.Origin != "store" && report.Origin != "plan":
		return report, errors.New("this is not what preview --json prints")
	case report.Version != previewVersion:
		return report, fmt.Errorf("the preview has format version %d, this program knows %d; is there a newer release of it?", report.Version, previewVersion)
	case report.Errored:
		return report, errors.New("the earlier preview is of a plan that failed; there is nothing to compare with")
	}
	return report, nil
}

// differ compares two previews.
func differ(before, after previewReport) previewDiff {
	diff := previewDiff{Version: previewVersion, Jobs: []previewJobDiff{}}
	if before.Origin != after.Origin {
		diff.Notes = append(diff.Notes, fmt.Sprintf("a %s is compared with a %s: a plan shows drafts that are not committed yet, a store does not", before.Origin, after.Origin))
	}
	was, is := before.byID(), after.byID()
	all := map[string]bool{}
	for id := range was {
		all[id] = true
	}
	for id := range is {
		all[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if job := differJobs(id, was[id], is[id]); job.any() {
			diff.Jobs = append(diff.Jobs, job)
		}
	}
	return diff
}

// byID finds jobs. Two of one id, as a deposed one and its successor, are told apart by their order.
func (r previewReport) byID() map[string]*previewJob {
	jobs := map[string]*previewJob{}
	for i := range r.Jobs {
		key := r.Jobs[i].ID
		for n := 2; jobs[key] != nil; n++ {
			key = fmt.Sprintf("%s (%d)", r.Jobs[i].ID, n)
		}
		jobs[key] = &r.Jobs[i]
	}
	return jobs
}

func (d previewJobDiff) any() bool {
	return d.Action[0] != d.Action[1] || d.Others || len(d.Counts)+len(d.Came)+len(d.Gone)+len(d.Changed) > 0
}

func differJobs(id string, before, after *previewJob) previewJobDiff {
	diff := previewJobDiff{ID: id}
	for i, j := range []*previewJob{before, after} {
		if j != nil {
			diff.Action[i] = j.Action
		}
	}
	was, is := before.numbers(), after.numbers()
	for i := range was {
		if was[i].Name == "managed_account_count" && (before == nil || after == nil) {
			continue
		}
		if !same(was[i].Before, is[i].Before) {
			diff.Counts = append(diff.Counts, previewCount{was[i].Name, was[i].Before, is[i].Before})
		}
	}
	if before.digests() != after.digests() && before != nil && after != nil {
		diff.Others = true
	}
	switch {
	case before != nil && !before.Known, after != nil && !after.Known:
		diff.Notes = append(diff.Notes, "accounts are not compared, because a side does not know them before apply")
		return diff
	case before.unnamed() > 0, after.unnamed() > 0:
		note := "accounts are not compared, because not all of them are named: use preview --all of the store for both sides"
		if diff.Others {
			note = "other accounts lose access, or for other reasons. " + note
		}
		diff.Notes = append(diff.Notes, note)
		return diff
	}
	gone, came := before.accounts(), after.accounts()
	for _, key := range slices.SortedFunc(maps.Keys(gone), lessAccount) {
		a, b := gone[key], came[key]
		for i := range min(len(a), len(b)) {
			if a[i].Action != b[i].Action || a[i].Reason != b[i].Reason || a[i].Cause != b[i].Cause || a[i].Origin != b[i].Origin {
				diff.Changed = append(diff.Changed, previewReason{a[i], b[i]})
			}
		}
		diff.Gone = append(diff.Gone, a[min(len(a), len(b)):]...)
	}
	for _, key := range slices.SortedFunc(maps.Keys(came), lessAccount) {
		diff.Came = append(diff.Came, came[key][min(len(gone[key]), len(came[key])):]...)
	}
	return diff
}

func same(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// numbers are the counts of a job, always the same ones. One that is not there takes and gives nothing.
func (j *previewJob) numbers() []previewCount {
	var disable, deletion, removal, create, update, addition, failure, held, managed *int64
	zero := int64(0)
	if j == nil {
		j = &previewJob{Action: previewNone, Known: true}
	}
	if j.Known {
		taken := j.takes()
		disable, deletion, removal = &taken.Disable, &taken.Delete, &taken.Removals
	}
	switch {
	case j.Changes != nil:
		create, update, addition, failure = &j.Changes.Create, &j.Changes.Update, &j.Changes.Additions, &j.Changes.Failures
	case j.Action == previewNone, j.Action == previewDestroy, j.Action == previewForget:
		create, update, addition, failure = &zero, &zero, &zero, &zero
	}
	held, managed = &j.Held, j.Managed
	return []previewCount{
		{"disable_count", disable, nil}, {"delete_count", deletion, nil}, {"membership_removal_count", removal, nil},
		{"create_count", create, nil}, {"update_count", update, nil}, {"membership_add_count", addition, nil}, {"failure_count", failure, nil},
		{"held_count", held, nil}, {"managed_account_count", managed, nil},
	}
}

// unnamed is how many accounts a job does not name.
func (j *previewJob) unnamed() int64 {
	if j == nil {
		return 0
	}
	_, more := j.rows()
	return more
}

// digests are those of the complete lists of accounts. A job that takes nothing away has none.
func (j *previewJob) digests() (digests [2]string) {
	if j == nil {
		return digests
	}
	for i, part := range []*previewImpact{j.Impact, j.Destroy} {
		if part.total() > 0 {
			digests[i] = part.Digest
		}
	}
	return digests
}

// accountKey tells accounts apart with what plans and stores both have. Accounts of one name are compared in their order.
type accountKey struct{ objectType, name, member string }

func lessAccount(a, b accountKey) int {
	return cmp.Or(strings.Compare(a.objectType, b.objectType), strings.Compare(a.name, b.name), strings.Compare(a.member, b.member))
}

func (j *previewJob) accounts() map[accountKey][]previewAccount {
	found := map[accountKey][]previewAccount{}
	if j == nil {
		return found
	}
	accounts, _ := j.rows()
	for _, a := range accounts {
		key := accountKey{a.Type, a.Name, a.Member}
		found[key] = append(found[key], a)
	}
	return found
}
