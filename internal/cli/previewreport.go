package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// previewVersion is the version of the JSON of a preview. Fields may be added to it; a meaning never changes.
const previewVersion = 1

// previewMaxBytes bounds what is read as a plan or as a preview.
const previewMaxBytes = 256 << 20

// Actions of a job in a preview. A store knows the first two only.
const (
	previewNone    = "none"
	previewUpdate  = "update"
	previewCreate  = "create"
	previewReplace = "replace"
	previewDestroy = "destroy"
	previewForget  = "forget"
)

// previewReport is what would happen to accounts, told by a store or by a saved plan. Its names are those of the attributes
// of provisioning_job, so that what reads a plan reads this as well.
type previewReport struct {
	Version int    `json:"format_version"`
	Origin  string `json:"origin"` // "store" or "plan"
	// Errored: planning failed. There are no jobs, and it is not known what would happen.
	Errored bool `json:"errored"`
	// Partial: the plan leaves something out (-target, deferred changes).
	Partial bool         `json:"partial"`
	Jobs    []previewJob `json:"jobs"` // by id, then by address
}

// previewJob is what would happen by one job.
type previewJob struct {
	ID      string `json:"job"`
	Address string `json:"address,omitempty"`
	Action  string `json:"action"`
	Paused  bool   `json:"paused,omitempty"`
	// Known: what would be taken away is known, all of it.
	Known   bool            `json:"known"`
	Managed *int64          `json:"managed_account_count,omitempty"`
	Impact  *previewImpact  `json:"planned_impact,omitempty"`
	Changes *previewChanges `json:"planned_changes,omitempty"`
	// Destroy is what destroying the job does, also the old one of a replacement.
	Destroy   *previewImpact    `json:"destroy_impact,omitempty"`
	Held      int64             `json:"held_count"`
	Exceeded  []previewExceeded `json:"limit_violations,omitempty"`
	Forgotten *previewForgotten `json:"forgotten,omitempty"`
	Warnings  []string          `json:"warnings,omitempty"`
}

// previewImpact takes access away.
type previewImpact struct {
	Disable   int64            `json:"disable_count"`
	Delete    int64            `json:"delete_count"`
	Removals  int64            `json:"membership_removal_count"`
	Digest    string           `json:"accounts_digest"`
	Causes    []previewCause   `json:"causes,omitempty"`
	Groups    []previewGroup   `json:"groups,omitempty"`
	GroupsAll int64            `json:"group_count"`
	Accounts  []previewAccount `json:"accounts,omitempty"`
	Truncated bool             `json:"accounts_truncated"`
}

type previewCause struct {
	Action string `json:"action"`
	Cause  string `json:"cause"`
	Origin string `json:"origin"`
	Count  int64  `json:"count"`
}

type previewGroup struct {
	Name     string `json:"name"`
	Removals int64  `json:"removal_count"`
}

// previewAccount is an account that loses access, or a membership: then Name is the group and Member who leaves it. A plan
// has no ids.
type previewAccount struct {
	Type     string `json:"object_type"`
	Name     string `json:"name"`
	Action   string `json:"action"`
	Reason   string `json:"reason"`
	Cause    string `json:"cause"`
	Origin   string `json:"origin"`
	Member   string `json:"member,omitempty"`
	SourceID string `json:"source_id,omitempty"`
	MemberID string `json:"member_id,omitempty"`
}

// previewChanges give or change access.
type previewChanges struct {
	Create    int64 `json:"create_count"`
	Update    int64 `json:"update_count"`
	Additions int64 `json:"membership_add_count"`
	Failures  int64 `json:"failure_count"`
}

type previewExceeded struct {
	Limit   string `json:"limit"`
	Message string `json:"message"`
}

// previewForgotten are links that a restart forgets, and the managed accounts nobody would disable any more.
type previewForgotten struct {
	Links     int64            `json:"link_count"`
	Orphans   int64            `json:"orphan_count"`
	Accounts  []previewAccount `json:"orphans,omitempty"`
	MovedFrom string           `json:"moved_from,omitempty"`
}

// name is the account, or the membership.
func (a previewAccount) name() string {
	if a.Member != "" {
		return a.Name + ": " + a.Member
	}
	return a.Name
}

// total is how much is taken away; nothing of what is absent.
func (i *previewImpact) total() int64 {
	if i == nil {
		return 0
	}
	return i.Disable + i.Delete + i.Removals
}

// parts are the impacts of a job: of what is committed, then of what is destroyed.
func (j previewJob) parts() []*previewImpact {
	return slices.DeleteFunc([]*previewImpact{j.Impact, j.Destroy}, func(i *previewImpact) bool { return i == nil })
}

// takes sums up what the job takes away.
func (j previewJob) takes() (sum previewImpact) {
	for _, part := range j.parts() {
		sum.Disable, sum.Delete, sum.Removals = sum.Disable+part.Disable, sum.Delete+part.Delete, sum.Removals+part.Removals
	}
	return sum
}

// noteworthy reports whether somebody should look at the job before it is applied.
func (j previewJob) noteworthy() bool {
	taken := j.takes()
	return !j.Known || taken.total() > 0 || len(j.Exceeded) > 0 || j.Forgotten != nil && j.Forgotten.Orphans > 0
}

func (r previewReport) noteworthy() bool {
	return r.Errored || slices.ContainsFunc(r.Jobs, previewJob.noteworthy)
}

// sort orders jobs, so that equal inputs have equal reports.
func (r *previewReport) sort() {
	slices.SortStableFunc(r.Jobs, func(a, b previewJob) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Address, b.Address), strings.Compare(a.Action, b.Action))
	})
}

// withoutNames leaves out whatever names or may name people: counts and causes stay.
func (r *previewReport) withoutNames() {
	for n := range r.Jobs {
		j := &r.Jobs[n]
		for _, part := range j.parts() {
			part.Accounts, part.Groups = nil, nil
		}
		if j.Forgotten != nil {
			j.Forgotten.Accounts = nil
		}
		for i, warning := range j.Warnings { // only the first line of a warning names nobody
			j.Warnings[i], _, _ = strings.Cut(warning, "\n")
		}
	}
}

// summary says in one line, without a name, what is taken away. CI systems show it as a title (plan-preview-mechanics.md 6
// no. 10).
func (r previewReport) summary() string {
	if r.Errored {
		return "Planning failed: it is not known what would happen to accounts."
	}
	var sum previewImpact
	unknown, exceeded := 0, 0
	for _, j := range r.Jobs {
		taken := j.takes()
		sum.Disable, sum.Delete, sum.Removals = sum.Disable+taken.Disable, sum.Delete+taken.Delete, sum.Removals+taken.Removals
		if !j.Known {
			unknown++
		}
		exceeded += len(j.Exceeded)
	}
	parts := []string{}
	if sum.total() > 0 {
		parts = append(parts, "Access is taken away: "+sum.counts()+".")
	}
	if unknown > 0 {
		parts = append(parts, "Not known before apply for "+counted(int64(unknown), "job")+".")
	}
	if exceeded > 0 {
		parts = append(parts, counted(int64(exceeded), "limit")+" exceeded.")
	}
	if len(parts) == 0 {
		parts = append(parts, "Nobody loses access.")
	}
	if r.Partial {
		parts = append(parts, "The plan is partial: what it leaves out is not shown here.")
	}
	return strings.Join(parts, " ")
}

func (i previewImpact) counts() string {
	return fmt.Sprintf("%s disabled, %d deleted, %s removed", counted(i.Disable, "account"), i.Delete, counted(i.Removals, "membership"))
}

func (c previewChanges) counts() string {
	return fmt.Sprintf("%d created, %d updated, %s added, %s", c.Create, c.Update, counted(c.Additions, "membership"), counted(c.Failures, "failure"))
}

func counted(n int64, singular string) string {
	if n == 1 {
		return "1 " + singular
	}
	return fmt.Sprintf("%d %ss", n, singular)
}
