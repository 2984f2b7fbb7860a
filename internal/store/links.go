package store

import (
	"context"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// LinkKey names a link inside a job.
type LinkKey struct {
	Type   directory.ObjectType
	Source directory.Anchor
}

// Link is a source↔target link (engine.md 10).
type Link struct {
	LinkKey
	Target directory.Anchor
	// MatchKey is the matching value in the form it is compared in (engine.MatchKey); Name is it as written.
	MatchKey string
	Name     string
	// Managed is false after the object left scope and was deprovisioned: later events send nothing (engine.md 13,
	// rows 1–5 and 9). An object that comes back is matched again.
	Managed bool
	// Active says whether the account was last written as switched on.
	Active bool
	// Exported holds what was last written or read, by target attribute, in canonical form.
	Exported map[string]directory.Value
	// LinkedAt is when the link was made.
	LinkedAt time.Time
}

// Reference is a reference attribute that is not written yet: the referenced object has no link, or its phase has not
// come (engine.md 15). A Wanted of "" asks for the removal of the reference.
type Reference struct {
	LinkKey
	Attribute string
	Wanted    directory.Anchor // source anchor of the referenced user
}

// ReadyReference is a pending reference both ends of which are linked.
type ReadyReference struct {
	Reference
	Link   Link             // of the object that holds the reference
	Target directory.Anchor // target anchor of the referenced object; empty for a removal
}

// Membership is a member of a group, by source anchors.
type Membership struct {
	Group, Member directory.Anchor
}

// MembershipChange is a membership to write.
type MembershipChange struct {
	Membership
	// GroupTarget and MemberTarget are the target anchors.
	GroupTarget, MemberTarget directory.Anchor
	GroupName, MemberName     string
}

// Staged is a deprovisioning that was decided and not written yet (engine.md 18).
type Staged struct {
	LinkKey
	// Action is "disable" or "delete"; Event and Reason say what caused it.
	Action string
	Event  string
	Reason string
	// Held is true when a guard or an approval stopped it.
	Held    bool
	CycleID string
	Since   time.Time
	// Decision is what somebody decided about it at DecidedAt: "approved", "rejected", or empty. ExpiresAt is when an
	// approval ends.
	Decision             string
	DecidedAt, ExpiresAt time.Time
	// DueAt is when it may be written; zero: at once.
	DueAt time.Time
}

// Escrow is the stored failure of one object (engine.md 16).
type Escrow struct {
	LinkKey
	Name         string
	Code         string
	Message      string
	Attempts     int64
	FirstFailure time.Time
	NextAttempt  time.Time
}

// Batch is what one piece of work stores together. Keys with NUL or invalid UTF-8 are Invalid. Lists may be nil. Everything that is deleted or dropped is so before
// anything is put: a key may occur in both.
type Batch struct {
	PutLinks []Link
	// Claims are those of PutLinks that nobody else may have: with a managed link of another job to one of their accounts, Record
	// stores nothing and fails with Conflict and a ClaimedError.
	Claims         []Claim
	DeleteLinks    []LinkKey // also deletes the object's references, memberships, staged, escrow and drift rows
	PutReferences  []Reference
	DropReferences []Reference // by key and attribute
	PutMembers     []Membership
	DropMembers    []Membership
	DropMembersOf  []LinkKey // every membership of these groups and users
	PutStaged      []Staged
	DropStaged     []LinkKey
	PutEscrow      []Escrow
	DropEscrow     []LinkKey
	PutDrift       []Drift
	DropDrift      []LinkKey
	// DropMemberDrift forgets member drift.
	DropMemberDrift []Membership
	Log             []provlog.Record
	// Cycle stores the running cycle with its checkpoint; a cycle with EndedAt becomes the last cycle.
	Cycle *Cycle
	// Watermark, when not nil, moves the job's watermark (and marks it initialised).
	Watermark *Watermark
	// Quarantine, when not nil, puts the job in quarantine; the zero Quarantine lifts it.
	Quarantine *engine.Quarantine
	// Reset forgets parts of what the job remembers, before anything else is deleted or put.
	Reset Reset
}

// Reset says what a job forgets (engine.md 20). The provisioning log and the committed configuration always stay.
type Reset struct {
	// Watermark goes to 0, and a cycle that was cut off is not resumed: the next one evaluates every object.
	Watermark bool
	// Escrows are the stored failures of users and groups. What else is remembered as one, such as members in doubt, goes
	// with Links only.
	Escrows bool
	// Links go with their references, memberships, staged deprovisionings and drift.
	Links bool
}

// Watermark is how far a job is.
type Watermark struct {
	CopyID   string
	Position int64
}

// Owner is a managed link and the job it belongs to.
type Owner struct {
	JobID string
	Link
}

// Links answers questions about the accounts of a job.
type Links interface {
	// LinksBySource returns the links of objects, by source anchor.
	LinksBySource(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]Link, error)
	// LinksByMatchKey returns links by match key; each list sorted by source anchor.
	LinksByMatchKey(ctx context.Context, jobID string, objectType directory.ObjectType, keys []string) (map[string][]Link, error)
	// LinksByTarget returns links by target anchor; each list sorted by source anchor.
	LinksByTarget(ctx context.Context, jobID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor][]Link, error)
	// OwnersByTarget returns the managed links of several jobs by target anchor; each list sorted by (job, source anchor).
	OwnersByTarget(ctx context.Context, jobIDs []string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor][]Owner, error)
	// OwnersByMatchKey returns the managed links of several jobs by match key; each list sorted by (job, source anchor).
	OwnersByMatchKey(ctx context.Context, jobIDs []string, objectType directory.ObjectType, keys []string) (map[string][]Owner, error)
	// ListLinks returns links with source anchor > after, sorted by source anchor, at most limit.
	ListLinks(ctx context.Context, jobID string, objectType directory.ObjectType, after directory.Anchor, limit int) ([]Link, error)
	// SearchLinks returns the links a query selects, sorted by (type, source anchor).
	SearchLinks(ctx context.Context, jobID string, query LinkQuery) ([]Link, error)
	// OrphanLinks is ListLinks for links whose source object the copy does not know at all.
	OrphanLinks(ctx context.Context, jobID, copyID string, objectType directory.ObjectType, after directory.Anchor, limit int) ([]Link, error)
	// CountManaged counts managed links by object type.
	CountManaged(ctx context.Context, jobID string) (map[directory.ObjectType]int64, error)

	// ReadyReferences returns pending references whose both ends are linked and managed (or that are removals),
	// sorted by (source anchor, attribute), with (source anchor, attribute) > after, at most limit.
	ReadyReferences(ctx context.Context, jobID string, objectType directory.ObjectType, after Reference, limit int) ([]ReadyReference, error)
	// CountPendingReferences counts pending references, ready or not.
	CountPendingReferences(ctx context.Context, jobID string) (int64, error)

	// MembershipsToAdd returns what the copy says and the target does not have: groups and members both linked
	// and managed, not in the job's memberships; sorted by (group, member), > after, at most limit.
	MembershipsToAdd(ctx context.Context, jobID, copyID string, after Membership, limit int) ([]MembershipChange, error)
	// ListMemberships returns what the job wrote and did not take back, while group and member are both linked and managed;
	// sorted by (group, member), > after, at most limit.
	ListMemberships(ctx context.Context, jobID string, after Membership, limit int) ([]MembershipChange, error)
	// MembershipsToRemove returns the job's memberships that the copy no longer has, while group and member are
	// both still linked, the group is managed, and the copy has both objects, neither hard-deleted (what is deleted takes
	// its memberships with it); sorted by (group, member), > after, at most limit.
	MembershipsToRemove(ctx context.Context, jobID, copyID string, after Membership, limit int) ([]MembershipChange, error)
	// MembershipsLeftOver is MembershipsToRemove for groups that are not managed: what would have to be removed if they were
	// managed again, with the accounts they had.
	MembershipsLeftOver(ctx context.Context, jobID, copyID string, after Membership, limit int) ([]MembershipChange, error)

	// ListStaged returns staged deprovisionings sorted by (type, source anchor), > after, at most limit.
	ListStaged(ctx context.Context, jobID string, after LinkKey, limit int) ([]Staged, error)
	// CountStaged counts staged deprovisionings by action and whether they are held.
	CountStaged(ctx context.Context, jobID string) ([]StagedCount, error)
	// ListEscrow returns stored failures sorted by (type, source anchor), > after, at most limit.
	ListEscrow(ctx context.Context, jobID string, after LinkKey, limit int) ([]Escrow, error)
	// CountEscrow counts stored failures.
	CountEscrow(ctx context.Context, jobID string) (int64, error)
	// ListLog returns log records of a job sorted by (time, change id), newest last, at most limit of the newest.
	ListLog(ctx context.Context, jobID string, limit int) ([]provlog.Record, error)
	// SearchLog returns the log records a query selects, sorted by (time, change id), oldest first. The job need not exist any
	// more: its log outlives it.
	SearchLog(ctx context.Context, jobID string, query LogQuery) ([]provlog.Record, error)
	// PruneLog removes log records of a job that are older than before and says how many. The empty id stands for all
	// jobs that do not exist any more.
	PruneLog(ctx context.Context, jobID string, before time.Time) (int64, error)
}

// StagedCount counts staged deprovisionings.
type StagedCount struct {
	Action string
	Held   bool
	Count  int64
}

// Preview is a stored preview. Body is versioned JSON of the caller.
type Preview struct {
	JobID    string
	Digest   string
	Position string
	Body     []byte
	At       time.Time
}

// Previews keeps previews under (job, digest, position).
type Previews interface {
	// PutPreview stores or replaces a preview and removes previews of any job that are older than keep.
	PutPreview(ctx context.Context, preview Preview, keep time.Duration) error
	// GetPreview returns a preview, or NotFound.
	GetPreview(ctx context.Context, jobID, digest, position string) (Preview, error)
}
