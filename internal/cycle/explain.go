package cycle

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/engine"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/provlog"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/store"
)

// SourceState is where an object stands in the engine's copy of the source.
type SourceState string

// The source states. An object that only a link remembers is SourceUnknown.
const (
	SourcePresent SourceState = "present"
	SourceSoft    SourceState = "soft"
	SourceHard    SourceState = "hard"
	SourceUnknown SourceState = "unknown"
)

// maxExplainedLog is how many log records an explanation shows.
const maxExplainedLog = 10

// Explanation is everything the engine knows of one object. Values of redacted mappings, and the source attributes they read,
// are provlog.Redacted.
type Explanation struct {
	// Subject is the object's own type and id.
	Subject Subject
	Name    string
	// Summary is one sentence: what is so, and why.
	Summary string
	Action  engine.Action
	Code    string
	InScope bool
	// Steps are those of the log, with every check of the scope and every reference by itself.
	Steps       []provlog.Step
	Mappings    []engine.MappingValue
	MatchValues []engine.MatchValue
	// Changes are what the next cycle would write.
	Changes []provlog.ModifiedProperty
	// What is remembered of it; nil when nothing is.
	Link   *store.Link
	Escrow *store.Escrow
	Staged *store.Staged
	// Log holds the newest records, newest last.
	Log []provlog.Record
	// State and Attributes are those of the engine's copy of the source, as it was last read.
	State      SourceState
	Attributes map[string]directory.Value
}

// Explain says why an object is or is not provisioned, under the committed configuration and from what the engine remembers.
// It contacts nobody: what the target holds is what was last written or read, and an object without a link counts as one that
// has no account.
//
// Errors: NotFound when there is no such job or object, the latter with the nearest names; Invalid when several objects have
// the name.
func (e *Engine) Explain(ctx context.Context, jobID string, subject Subject) (Explanation, error) {
	record, err := e.Store.GetJob(ctx, jobID)
	if err != nil {
		return Explanation{}, err
	}
	ready, err := e.prepare(ctx, record.Definition, false)
	if err != nil {
		return Explanation{}, fmt.Errorf("job %s cannot run, so nobody is provisioned: %w", jobID, err)
	}
	defer e.close(ctx, ready.target)
	v := e.reader(jobID, ready)
	found, err := v.find(ctx, []Subject{subject}, ready.position)
	if err != nil {
		return Explanation{}, err
	}
	if found[0].err != nil {
		return Explanation{}, found[0].err
	}
	items, err := v.decide(ctx, subject.Type, []directory.Object{found[0].object})
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{Subject: Subject{Type: subject.Type, ID: string(found[0].object.Anchor)}, State: stateOf(found[0])}
	if err := v.explain(ctx, &x, items[0], e); err != nil {
		return Explanation{}, err
	}
	x.Summary = summary(x, items[0], record)
	return x, nil
}

func stateOf(found subjectOf) SourceState {
	switch {
	case !found.known:
		return SourceUnknown
	case found.object.Removed == directory.HardDeleted:
		return SourceHard
	case found.object.Removed == directory.SoftDeleted:
		return SourceSoft
	default:
		return SourcePresent
	}
}

// explain fills an explanation in.
func (v *evaluation) explain(ctx context.Context, x *Explanation, it item, e *Engine) error {
	d := it.decision
	// The log record of a cycle that would decide so, for its steps and changes.
	record := (&run{evaluation: v, engine: e}).logged(it, "", attempted(d.Action), provlog.StatusSkipped, nil)
	x.Name, x.Action, x.Code, x.InScope = d.Name, d.Action, d.Code, d.InScope()
	if x.Name == "" {
		x.Name = v.name(it.object)
	}
	x.Changes, x.MatchValues = record.Modified, d.MatchValues()
	x.Mappings = v.program.MappingValues(it.object, d.Event, v.inputs(nil))
	x.Attributes = v.shown(it.object)
	var err error
	if x.Steps, err = v.steps(ctx, it, record.Steps); err != nil {
		return err
	}
	if it.link != nil {
		link := *it.link
		link.Exported = v.shownLink(link)
		x.Link = &link
	}
	known, err := dossiers(ctx, v.store, v.jobID)
	if err != nil {
		return err
	}
	key := store.LinkKey{Type: it.object.Type, Source: it.object.Anchor}
	x.Escrow, x.Staged = known[key].escrow, known[key].staged
	x.Log, err = v.store.SearchLog(ctx, v.jobID, store.LogQuery{
		ObjectType: it.object.Type, Object: string(it.object.Anchor), Newest: true, Limit: maxExplainedLog,
	})
	return err
}

// steps are the steps of a decision with the details that the log leaves out.
func (v *evaluation) steps(ctx context.Context, it item, steps []provlog.Step) ([]provlog.Step, error) {
	var all []provlog.Step
	for _, step := range steps {
		if step.Type == provlog.StepMatching && it.link == nil {
			// Nobody was asked, so nothing is known of what would be found.
			step.Status, step.Description = provlog.StatusSkipped, "not looked for: explain contacts nobody; a cycle looks for an account before it creates one"
			delete(step.Details, "found")
		}
		all = append(all, step)
		if step.Type != provlog.StepScoping {
			continue
		}
		for _, check := range it.decision.ScopeSteps() {
			if check.Name == "Assigned" {
				details, err := v.assignments(ctx, it.object)
				if err != nil {
					return nil, err
				}
				for name, how := range details {
					check.Details[name] = how
				}
			}
			all = append(all, check)
		}
	}
	references, err := v.referenceSteps(ctx, it.decision.References, nil, true)
	return append(all, references...), err
}

// assignments says of every assignment whether and how it assigns an object.
func (v *evaluation) assignments(ctx context.Context, object directory.Object) (map[string]string, error) {
	definition := v.program.Definition()
	details := map[string]string{}
	for _, assignment := range definition.Assignments {
		direct := assignment.Users
		if object.Type == directory.Group {
			direct = assignment.Groups
		}
		how := "does not name it"
		if slices.Contains(direct, object.Anchor) {
			how = "names it"
		} else if object.Type == directory.User {
			for _, group := range assignment.Groups {
				members, err := v.store.MembersAmong(ctx, v.copyID, []directory.Anchor{group}, []directory.Anchor{object.Anchor}, definition.NestedGroups)
				if err != nil {
					return nil, err
				}
				if members[object.Anchor] {
					how = "through group " + string(group)
					break
				}
			}
		}
		details["assignment "+assignment.ID()] = how
	}
	return details, nil
}

// shown are the source attributes of an object, with those hidden that a redacted mapping reads. Members are left out: a
// mapping shows them.
func (v *evaluation) shown(object directory.Object) map[string]directory.Value {
	shown := map[string]directory.Value{}
	for name, value := range object.Attributes {
		shown[name] = value
	}
	for relation, anchors := range object.References {
		if relation != directory.ReferenceMembers && len(anchors) == 1 {
			shown[relation] = directory.Text(string(anchors[0]))
		}
	}
	for _, name := range v.program.RedactedSources(object.Type) {
		if value, ok := shown[name]; ok && !value.IsEmpty() {
			shown[name] = directory.Text(provlog.Redacted)
		}
	}
	return shown
}

// shownLink is what a link remembers, for people: without redacted values, and without those that are in doubt.
func (v *evaluation) shownLink(link store.Link) map[string]directory.Value {
	shown := map[string]directory.Value{}
	for name, value := range link.Exported {
		switch {
		case value.Equal(inDoubt()):
			value = directory.Null()
		case v.program.Redacted(link.Type, name):
			value = directory.Text(provlog.Redacted)
		}
		shown[name] = value
	}
	return shown
}

// sameEachTime stands in for randomness where nothing is written: an explanation of the same state is the same.
func sameEachTime() io.Reader { return rand.NewChaCha8([32]byte{}) }

// summary is one sentence: what is so, and why.
func summary(x Explanation, it item, record store.JobRecord) string {
	d := it.decision
	who := x.Name
	if who == "" {
		who = x.Subject.ID
	}
	account := "an account"
	if it.link != nil {
		account = "account " + string(it.link.Target)
	}
	var text string
	switch d.Action {
	case engine.Create:
		text = fmt.Sprintf("%s has no account that this job knows of; the next cycle looks for one by %s, and creates it when there is none", who, attributesOf(x.MatchValues))
		if it.link != nil {
			text = fmt.Sprintf("%s is back in scope; %s was released, so the next cycle looks for it by %s", who, account, attributesOf(x.MatchValues))
		}
	case engine.Update:
		text = fmt.Sprintf("%s has %s; the next cycle writes %s", who, account, changedOf(x.Changes))
	case engine.Disable, engine.Delete:
		text = fmt.Sprintf("%s has %s, which the next cycle would %s: %s", who, account, d.Action, d.Reason)
	case engine.Fail:
		text = fmt.Sprintf("%s cannot be provisioned: %s", who, d.Reason)
	default:
		text = fmt.Sprintf("%s is not provisioned: %s", who, d.Reason)
		if it.link != nil && it.link.Managed && d.Event == engine.NoEvent {
			text = fmt.Sprintf("%s has %s, and nothing is to be written: %s", who, account, d.Reason)
		} else if it.link != nil {
			text = fmt.Sprintf("%s has %s, which is left as it is: %s", who, account, d.Reason)
		}
	}
	return text + standing(x, record)
}

// standing says what keeps the next cycle from doing so.
func standing(x Explanation, record store.JobRecord) string {
	var text string
	if x.Staged != nil && x.Staged.Held {
		text += "; it waits for approval"
	}
	if x.Escrow != nil {
		text += fmt.Sprintf("; it failed before (%s)", x.Escrow.Code)
	}
	if record.Definition.State == job.Paused {
		text += "; the job is paused"
	}
	if record.Quarantine.In() {
		text += "; the job is in quarantine: " + string(record.Quarantine.Reason)
	}
	return text
}

func attributesOf(values []engine.MatchValue) string {
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = value.By()
	}
	return strings.Join(names, ", then ")
}

func changedOf(changes []provlog.ModifiedProperty) string {
	names := make([]string, len(changes))
	for i, change := range changes {
		names[i] = change.DisplayName
	}
	return strings.Join(names, ", ")
}
