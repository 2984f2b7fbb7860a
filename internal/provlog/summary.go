package provlog

import "time"

// Summary is a record as it is exported: the shape and the names of the documented provisioningObjectSummary (engine.md
// 23). Members keep this order.
type Summary struct {
	ChangeID    string           `json:"changeId"`
	CycleID     string           `json:"cycleId"`
	JobID       string           `json:"jobId"`
	Time        string           `json:"activityDateTime"`
	Action      Action           `json:"provisioningAction"`
	DurationMS  int64            `json:"durationInMilliseconds"`
	InitiatedBy *SummaryActor    `json:"initiatedBy,omitempty"`
	Source      SummaryIdentity  `json:"sourceIdentity"`
	Target      *SummaryIdentity `json:"targetIdentity,omitempty"`
	Status      SummaryStatus    `json:"provisioningStatusInfo"`
	Steps       []SummaryStep    `json:"provisioningSteps"`
	// Modified is empty, never null, when nothing was written.
	Modified []SummaryProperty `json:"modifiedProperties"`
}

// SummaryActor is who began the work.
type SummaryActor struct {
	DisplayName Initiator `json:"displayName"`
	// Type is "system" for a cycle that nobody asked for by name, "user" for a commit, an on-demand run and a destroy.
	Type string `json:"initiatorType"`
}

// SummaryIdentity is an object on one side.
type SummaryIdentity struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
	Type string `json:"identityType"`
}

// SummaryStatus is how it ended.
type SummaryStatus struct {
	Status Status        `json:"status"`
	Error  *SummaryError `json:"errorInformation,omitempty"`
}

// SummaryError says what went wrong and what to do. Records without a code, but with a reason, have one too.
type SummaryError struct {
	Code              string   `json:"errorCode"`
	Reason            string   `json:"reason"`
	Category          Category `json:"errorCategory"`
	RecommendedAction string   `json:"recommendedAction"`
}

// SummaryStep is a step.
type SummaryStep struct {
	Name        string            `json:"name"`
	Type        StepType          `json:"provisioningStepType"`
	Status      Status            `json:"status"`
	Description string            `json:"description"`
	Details     map[string]string `json:"details"`
}

// SummaryProperty is one attribute that was written.
type SummaryProperty struct {
	DisplayName string `json:"displayName"`
	OldValue    string `json:"oldValue"`
	NewValue    string `json:"newValue"`
}

// timeLayout is how times are exported: UTC, with the milliseconds that the store keeps.
const timeLayout = "2006-01-02T15:04:05.000Z"

// FormatTime is a time as exports and listings show it.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// Summary returns the record in its exported form.
func (r Record) Summary() Summary {
	s := Summary{
		ChangeID: r.ChangeID, CycleID: r.CycleID, JobID: r.JobID, Time: FormatTime(r.Time), Action: r.Action, DurationMS: r.DurationMS,
		Source: SummaryIdentity{ID: string(r.Source), Name: r.SourceName, Type: string(r.ObjectType)},
		Status: SummaryStatus{Status: r.Status}, Steps: make([]SummaryStep, len(r.Steps)), Modified: make([]SummaryProperty, len(r.Modified)),
	}
	if r.InitiatedBy != "" {
		s.InitiatedBy = &SummaryActor{DisplayName: r.InitiatedBy, Type: "user"}
		if r.InitiatedBy == InitiatorCycle {
			s.InitiatedBy.Type = "system"
		}
	}
	if r.Target != "" {
		s.Target = &SummaryIdentity{ID: string(r.Target), Name: r.SourceName, Type: string(r.ObjectType)}
	}
	if r.ErrorCode != "" || r.Reason != "" {
		advice, _ := AdviceOn(r.ErrorCode)
		s.Status.Error = &SummaryError{Code: r.ErrorCode, Reason: r.Reason, Category: advice.Category, RecommendedAction: advice.RecommendedAction}
	}
	for i, step := range r.Steps {
		s.Steps[i] = SummaryStep(step)
		if step.Details == nil {
			s.Steps[i].Details = map[string]string{}
		}
	}
	for i, modified := range r.Modified {
		s.Modified[i] = SummaryProperty(modified)
	}
	return s
}
