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

// Status is how it ended (engine.md 24).
type Status string

// The statuses. A warning is "written, but something was left out".
const (
	StatusSuccess Status = "success"
	StatusWarning Status = "warning"
	StatusFailure Status = "failure"
	StatusSkipped Status = "skipped"
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

// Record is one entry of the provisioning log. Records are immutable.
type Record struct {
	ChangeID   string               `json:"changeId"`
	CycleID    string               `json:"cycleId"`
	JobID      string               `json:"jobId"`
	Time       time.Time            `json:"activityDateTime"`
	Action     Action               `json:"provisioningAction"`
	Status     Status               `json:"status"`
	ObjectType directory.ObjectType `json:"objectType"`
	// Source and Target are the anchors; SourceName is the matching attribute's value.
	Source     directory.Anchor   `json:"sourceId"`
	SourceName string             `json:"sourceName,omitempty"`
	Target     directory.Anchor   `json:"targetId,omitempty"`
	ErrorCode  string             `json:"errorCode,omitempty"`
	Reason     string             `json:"reason,omitempty"`
	Steps      []Step             `json:"provisioningSteps,omitempty"`
	Modified   []ModifiedProperty `json:"modifiedProperties,omitempty"`
}
