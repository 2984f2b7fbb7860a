package store

import (
	"context"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/secret"
)

// Store is everything the engine remembers. It is safe for concurrent use, also by several processes.
// Errors are directory.Errors: NotFound, Conflict, Transient (database busy or not reachable), Invalid, Fatal.
type Store interface {
	Drafts
	Jobs
	Copies
	Links
	Previews
	Targets
	Drifts
	Connections
	// Record stores the results of a piece of work in one transaction, or nothing of it. It fails with Conflict
	// when fence is no longer the job's fence (Lease).
	Record(ctx context.Context, jobID string, fence int64, batch Batch) error
	// Close releases everything. It may be called twice.
	Close() error
}

// DraftKind is the kind of a draft.
type DraftKind string

// The kinds of draft, one for each resource but the job.
const (
	DraftSource     DraftKind = "source"
	DraftApp        DraftKind = "app"
	DraftConnection DraftKind = "connection"
	DraftMapping    DraftKind = "mapping"
	DraftFilter     DraftKind = "filter"
	DraftAssignment DraftKind = "assignment"
)

// Draft is one draft. Body is versioned JSON that the caller encodes and decodes.
type Draft struct {
	Kind DraftKind
	ID   string
	Body []byte
}

// Drafts keeps drafts and the secrets that belong to connections.
type Drafts interface {
	// PutDraft creates or replaces a draft.
	PutDraft(ctx context.Context, draft Draft) error
	// GetDraft returns a draft, or NotFound.
	GetDraft(ctx context.Context, kind DraftKind, id string) (Draft, error)
	// ListDrafts returns the drafts of a kind, sorted by id.
	ListDrafts(ctx context.Context, kind DraftKind) ([]Draft, error)
	// DeleteDraft removes a draft. Removing what is not there is a success. Secrets stay (DeleteSecrets).
	DeleteDraft(ctx context.Context, kind DraftKind, id string) error

	// PutSecret seals and stores a secret under (owner, name, version), replacing what was there.
	PutSecret(ctx context.Context, owner string, which job.SecretVersion, value secret.Text) error
	// GetSecret opens a secret, or NotFound. Fatal when it was sealed with another key; the error says so.
	GetSecret(ctx context.Context, owner string, which job.SecretVersion) (secret.Text, error)
	// DeleteSecrets removes the secrets of owner except those in keep.
	DeleteSecrets(ctx context.Context, owner string, keep []job.SecretVersion) error
}

// JobRecord is what is known of a job besides its accounts.
type JobRecord struct {
	Definition job.Definition
	// Generation counts commits, from 1.
	Generation int64
	Digest     string
	// Revision grows with every change of the job's generation, links, staged deprovisionings, escrow, references
	// or memberships. Together with a copy's position it names a state of the world (a preview's position).
	Revision int64
	// CopyID and Watermark say up to which position of which copy of the source the job is done. A new copy
	// or a new generation that needs a full cycle starts at 0.
	CopyID    string
	Watermark int64
	// Initialised is true once an initial cycle completed.
	Initialised bool
	// Quarantine is the zero Quarantine when the job is not in quarantine (engine.md 17).
	Quarantine engine.Quarantine
	// LastCycle is the last cycle that ended, nil when none did; Running the cycle that was begun and has not ended.
	LastCycle *Cycle
	Running   *Cycle
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Phase is a part of a cycle, in processing order (engine.md 15).
type Phase string

// The phases of a cycle.
const (
	PhaseUsers          Phase = "users"
	PhaseUserReferences Phase = "user_references"
	PhaseGroups         Phase = "groups"
	PhaseMemberships    Phase = "memberships"
	PhaseGuard          Phase = "guard"
	PhaseDone           Phase = "done"
)

// Cycle is one run of a job, with its checkpoint.
type Cycle struct {
	ID         string
	Generation int64
	// Full is true when every object is evaluated, not only what changed.
	Full bool
	// CopyID, From and To: the cycle handles what changed in the copy after position From, up to position To.
	CopyID   string
	From, To int64
	// Phase and Cursor are the checkpoint: what comes before is done. The cursor is a position in the phases
	// of users and groups.
	Phase     Phase
	Cursor    int64
	Counts    Counts
	StartedAt time.Time
	EndedAt   time.Time // zero while running
	// Failure says why the cycle ended early, empty when it did not.
	Failure string
}

// Counts are what a cycle did, in objects.
type Counts struct {
	Created, Updated, Disabled, Deleted, Skipped, Failed, Held int64
	MembershipsAdded, MembershipsRemoved                       int64
	// Linked are those of the skipped that got a link to an account that was as it should be; ReferencesFailed those of
	// the failed whose references or members could not be written.
	Linked, ReferencesFailed int64
	// Imported are the source objects that were looked at, Entitled those of them that are in scope (engine.md 22).
	Imported, Entitled int64
}

// Jobs keeps jobs, their generations and their leases.
type Jobs interface {
	// GetJob returns a job, or NotFound.
	GetJob(ctx context.Context, jobID string) (JobRecord, error)
	// ListJobs returns all jobs sorted by id.
	ListJobs(ctx context.Context) ([]JobRecord, error)
	// CommitJob stores definition as the next generation of its job in one transaction, creating the job when
	// there is none. expected is the generation the caller saw (0: no job); another one is a Conflict. With
	// reset the watermark goes to 0: the next cycle is full. It returns the new record.
	CommitJob(ctx context.Context, definition job.Definition, expected int64, reset bool, now time.Time) (JobRecord, error)
	// DeleteJob erases a job and everything it remembers (generations, links, references, memberships, staged
	// deprovisionings, escrow, previews; the provisioning log stays). Deleting what is not there is a success.
	DeleteJob(ctx context.Context, jobID string, fence int64) error

	// Lease takes or extends the right to work on a job, until now+ttl. It returns the fence, which grows every time
	// the lease changes hands. A lease held by another owner is a Conflict whose RetryAfter says when it ends. The
	// job need not exist.
	Lease(ctx context.Context, jobID, owner string, now time.Time, ttl time.Duration) (fence int64, err error)
	// Release gives a lease back. Releasing one that is not held is a success.
	Release(ctx context.Context, jobID, owner string) error
}

// StoredObject is a source object in the engine's copy.
type StoredObject struct {
	directory.Object
	// Position of its last change. Positions of one copy grow and never repeat.
	Position int64
}

// CopyState is the state of one copy of a source.
type CopyState struct {
	// Watermark of the source's feed, as text; empty when nothing was read yet.
	Watermark string
	// Position of the newest change; 0 when nothing was read yet.
	Position int64
	// ReadAt is when the source was last read.
	ReadAt time.Time
}

// Copies keeps the engine's own copies of the source objects (design.md 6). A copy is named by the source's
// key and configuration: another path is another copy.
type Copies interface {
	// CopyState returns the state of a copy; the zero state when there is none.
	CopyState(ctx context.Context, copyID string) (CopyState, error)
	// Import runs read in one transaction. Whatever read puts becomes visible together, or not at all when read
	// returns an error (which is returned unchanged). Only real changes get a new position: an object put as
	// it already is keeps its position. A user whose group memberships change (in either group's members) is
	// touched: it gets a new position although its own content is unchanged. That includes memberships through
	// nested groups, at any depth: a group that comes, goes, or starts or stops counting inside another one touches
	// the users below it. Users below a group that does not count are not reached through it.
	// When the result is complete, objects of the copy that were not put become hard-deleted, with a new position.
	Import(ctx context.Context, copyID string, now time.Time, read func(Importer) (ImportResult, error)) (CopyState, error)
	// Objects returns the objects of a type with after < position <= to, sorted by position, at most limit.
	// Hard-deleted objects are included, with only type, anchor and Removed set.
	Objects(ctx context.Context, copyID string, objectType directory.ObjectType, after, to int64, limit int) ([]StoredObject, error)
	// ObjectsByAnchor returns those of the objects that the copy has, by anchor, hard-deleted ones included.
	ObjectsByAnchor(ctx context.Context, copyID string, objectType directory.ObjectType, anchors []directory.Anchor) (map[directory.Anchor]StoredObject, error)
	// ObjectsByName returns objects whose attribute has the text, in whatever case, sorted by anchor, at most limit. indexed is
	// false, and nothing is returned, when the store has no index for the attribute, or none in which the text can be looked up:
	// then all objects have to be read.
	ObjectsByName(ctx context.Context, copyID string, objectType directory.ObjectType, attribute, name string, limit int) (objects []StoredObject, indexed bool, err error)
	// CountObjects counts objects with after < position <= to.
	CountObjects(ctx context.Context, copyID string, objectType directory.ObjectType, after, to int64) (int64, error)
	// AttributeNames returns the names of attributes and references that objects of a type have or had, sorted: a filter
	// stays valid when the last person with its attribute has left.
	AttributeNames(ctx context.Context, copyID string, objectType directory.ObjectType) ([]string, error)
	// MembersAmong returns which of the candidates are direct members of any of the groups or, when nested, members
	// at any depth: of the groups, of the groups in them, and so on, also when groups contain each other. Groups that
	// are removed, or whose securityEnabled is false, have no members here (engine.md 4), nor does anything reach
	// further through them.
	MembersAmong(ctx context.Context, copyID string, groups, candidates []directory.Anchor, nested bool) (map[directory.Anchor]bool, error)
	// DeleteCopies removes copies of the source with this key except those named in keep.
	DeleteCopies(ctx context.Context, sourceKey string, keep []string) error
}

// Importer receives what a source delivers.
type Importer interface {
	// Put stores changes. A partial change of an unknown object is stored as a new object.
	Put(ctx context.Context, changes []ObjectChange) error
}

// ObjectChange is a change as a source delivers it (source.Change).
type ObjectChange struct {
	Object         directory.Object
	Partial        bool
	Added, Removed map[string][]directory.Anchor
}

// ImportResult is the end of an import.
type ImportResult struct {
	Watermark string
	Complete  bool
}
