package provlog

import (
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
)

// Action is what was done (engine.md 23, provisioningAction).
type Action string

// The actions.
const (
	ActionCreate       Action = "create"
	ActionUpdate       Action = "update"
	ActionDelete       Action = "delete"
	ActionStagedDelete Action = "stageddelete"
	ActionDisable      Action = "disable"
	ActionOther        Action = "other"
)

// Actions lists the actions, in the order of the document.
func Actions() []Action {
	return []Action{ActionCreate, ActionUpdate, ActionDelete, ActionStagedDelete, ActionDisable, ActionOther}
}

// Status is how it ended (engine.md 24).
type Status string

// The statuses. A warning is "written, but something was left out".
const (
	StatusSuccess Status = "success"
	StatusWarning Status = "warning"
	StatusFailure Status = "failure"
	StatusSkipped Status = "skipped"
)

// Statuses lists the statuses, in the order of the document.
func Statuses() []Status {
	return []Status{StatusSuccess, StatusWarning, StatusFailure, StatusSkipped}
}

// Initiator says what piece of work a change belongs to.
type Initiator string

// The initiators.
const (
	// InitiatorCycle: a cycle of a committed job.
	InitiatorCycle Initiator = "cycle"
	// InitiatorCommit: the cycle that a commit ran.
	InitiatorCommit Initiator = "commit"
	// InitiatorOnDemand: provisioning on demand (engine.md 19).
	InitiatorOnDemand Initiator = "on_demand"
	// InitiatorRetirement: the destroy policy of a job that was destroyed.
	InitiatorRetirement Initiator = "retirement"
)

// StepType is the kind of a step (engine.md 8).
type StepType string

// The step types.
const (
	StepImport              StepType = "import"
	StepMatching            StepType = "matching"
	StepScoping             StepType = "scoping"
	StepProcessing          StepType = "processing"
	StepReferenceResolution StepType = "referenceResolution"
	StepExport              StepType = "export"
)

// Step is one step of a decision.
type Step struct {
	Name        string            `json:"name"`
	Type        StepType          `json:"type"`
	Status      Status            `json:"status"`
	Description string            `json:"description"`
	Details     map[string]string `json:"details,omitempty"`
}

// Redacted stands for a value that a mapping wraps in Redact (expressions.md 4.8).
const Redacted = "[Redact]"

// ModifiedProperty is one attribute that was written.
type ModifiedProperty struct {
	DisplayName string `json:"displayName"`
	OldValue    string `json:"oldValue,omitempty"`
	NewValue    string `json:"newValue,omitempty"`
}

// Record is one entry of the provisioning log. Records are immutable. Its JSON is the stored form, which later versions
// must still read; Summary is the form for people and other programs.
type Record struct {
	ChangeID   string               `json:"changeId"`
	CycleID    string               `json:"cycleId"`
	JobID      string               `json:"jobId"`
	Time       time.Time            `json:"activityDateTime"`
	Action     Action               `json:"provisioningAction"`
	Status     Status               `json:"status"`
	ObjectType directory.ObjectType `json:"objectType"`
	// Source and Target are the anchors; SourceName is the matching attribute's value, which names the object on both sides.
	Source     directory.Anchor   `json:"sourceId"`
	SourceName string             `json:"sourceName,omitempty"`
	Target     directory.Anchor   `json:"targetId,omitempty"`
	ErrorCode  string             `json:"errorCode,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Steps      []Step             `json:"provisioningSteps,omitempty"`
	Modified   []ModifiedProperty `json:"modifiedProperties,omitempty"`
	// DurationMS is how long the change took, in milliseconds; 0 when it was not measured. Writes that were sent together
	// share the time of the whole.
	DurationMS int64 `json:"durationInMilliseconds,omitempty"`
	// InitiatedBy is empty in records of a version that did not know it.
	InitiatedBy Initiator `json:"initiatedBy,omitempty"`
}
