package store

import (
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
)

// LogQuery selects records of a job's provisioning log. A zero field selects everything; texts are compared exactly and
// with regard to case (engine.md 23).
type LogQuery struct {
	// Since <= time < Until.
	Since, Until time.Time
	Actions      []provlog.Action
	Statuses     []provlog.Status
	ObjectType   directory.ObjectType
	// Object is a source anchor or a source name.
	Object    string
	CycleID   string
	ChangeID  string
	ErrorCode string
	// After, when its ChangeID is not empty, selects records behind a position: later ones, or with Newest earlier ones.
	After LogPosition
	// Newest asks for the last Limit records instead of the first ones. The answer is sorted the same way.
	Newest bool
	// Limit is the most records to return; nothing is returned for 0.
	Limit int
}

// LogPosition is a place in the log of a job: that of the record with this time and change id.
type LogPosition struct {
	Time     time.Time
	ChangeID string
}

// LinkQuery selects links of a job. A zero field selects everything.
type LinkQuery struct {
	Type            directory.ObjectType
	Managed, Active *bool
	// NamePrefix is a beginning of the name, without regard to case.
	NamePrefix string
	// After selects links behind a key.
	After LinkKey
	// Limit is the most links to return; nothing is returned for 0.
	Limit int
}
