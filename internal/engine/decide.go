package engine

import (
	"cmp"
	"errors"
	"maps"
	"time"

	"github.com/app-provisioning/terraform-provider-provisioning/internal/directory"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/expression"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/job"
	"github.com/app-provisioning/terraform-provider-provisioning/internal/scope"
)

// The codes of decisions that fail or skip (engine.md 24).
const (
	CodeImportSkipped          = "ImportSkipped"
	CodeDuplicateTargetEntries = "DuplicateTargetEntries"
	CodeDuplicateSourceEntries = "DuplicateSourceEntries"
	CodeRedundantExport        = "RedundantExport"
	CodeMappingFailed          = "MappingFailed"
	CodeMandatoryFieldsMissing = "MandatoryFieldsMissing"
	// CodeNoUniqueValue: every candidate of SelectUniqueValue is taken (expressions.md 4.6).
	CodeNoUniqueValue = "NoUniqueValue"
	CodeSkipped       = "EntrySynchronizationSkipped"
	CodeNotEntitled   = "NotEffectivelyEntitled"
)

// Action is what a decision asks for.
type Action string

// The actions.
const (
	Skip    Action = "skip"
	Create  Action = "create"
	Link    Action = "link" // link to an account that is as it should be
	Update  Action = "update"
	Disable Action = "disable"
	Delete  Action = "delete"
	Fail    Action = "fail"
)

// TakesAccessAway reports whether the action disables or deletes: it is staged, never written in the stream.
func (a Action) TakesAccessAway() bool { return a == Disable || a == Delete }

// Linked is what is known of the account an object is linked to.
type Linked struct {
	Target  directory.Anchor
	Managed bool
	Active  bool
	// Exported is what was last written or read, by target attribute, in canonical form; references by source anchor.
	Exported map[string]directory.Value
	Name     string
	MatchKey string
	// Away is since when the object has been gone, as far as that is remembered: for delayed deletes only.
	Away Away
}

// Assessment is a decision, or what has to be asked of the target before one can be made.
type Assessment struct {
	Object      directory.Object
	Entitlement scope.Entitlement
	Event       Event
	Link        *Linked
	// MatchValues are the values to look for, in order, when NeedsMatch. Otherwise Decision holds the decision.
	MatchValues []MatchValue
	NeedsMatch  bool
	Decision    Decision
	// results are those of the matching mappings, in their order.
	results []expression.Result
}

// Decision says what is done about one object and why.
type Decision struct {
	Action Action
	Event  Event
	Target directory.Anchor
	// Name and MatchKey are those of the first matching value.
	Name     string
	MatchKey string
	// Changes to write, sorted by attribute.
	Changes []Change
	// References that differ from what was written, sorted by attribute; written in the reference phase.
	References []ReferenceChange
	// Aftermath is what becomes of an existing link once the action is done.
	Aftermath Aftermath
	// Active is whether the account is switched on afterwards.
	Active bool
	// Since is when a delayed delete began to count; zero when there is none. DueAt is when it will be due; zero when it is
	// due already. A decision with a DueAt has to be made again then.
	Since, DueAt time.Time
	// Current is what the account holds now, for linked and matched objects.
	Current map[string]directory.Value
	// Code and Reason say why it is skipped, fails, or takes access away. Reason never holds attribute values.
	Code   string
	Reason string
	// Cause is the kind of the error when the object fails because the target could not be asked; otherwise empty.
	Cause directory.ErrorKind
	// Steps inputs.
	matched     *Match
	matchValues []MatchValue
	entitlement scope.Entitlement
	objectType  directory.ObjectType
	// departure says why the object is not in scope, or not looked at.
	departure string
}

// Match is the answer to a search for one object's account.
type Match struct {
	// Attribute by which it was found; empty when nothing was.
	Attribute string
	// Found is the number of accounts that hold the value; only 0 and 1 can be used.
	Found int
	// Target and Attributes of the account when Found is 1.
	Target     directory.Anchor
	Attributes map[string]directory.Value
	// ClaimedBy is the source anchor of another object that has the account or the matching value already.
	ClaimedBy directory.Anchor
	// ClaimedIn is the job of that object when it is another one, which works on the same target.
	ClaimedIn string
}

// Assess decides what can be decided without the target. assigned says whether the object is assigned to the app; link
// is nil when there is none. hard-deleted objects need only type, anchor and Removed.
func (p *Program) Assess(object directory.Object, assigned bool, link *Linked, in Inputs) Assessment {
	compiled := p.types[object.Type]
	a := Assessment{Object: object, Link: link}
	if compiled == nil { // D15
		a.Decision = p.base(a)
		a.Decision.Action, a.Decision.Code = Skip, CodeSkipped
		a.Decision.Reason = "provisioning of " + string(object.Type) + " objects is off"
		a.Decision.departure = a.Decision.Reason
		return a
	}
	if object.Removed != directory.HardDeleted {
		a.Entitlement = scope.Decide(p.definition.Scope, object, assigned, compiled.scope)
		if p.definition.Scope == scope.ModeAssigned && a.Entitlement.Assigned {
			a.Entitlement.Invalid = cmp.Or(in.Unentitled, disabledRoles(object))
		}
	}
	a.Event = p.event(object, a.Entitlement)
	if a.Event != NoEvent {
		a.Decision = p.decideDeparture(compiled, a, in)
		return a
	}
	values, results, err := p.matchValues(compiled, object, in)
	if err != nil {
		a.Decision = p.failure(a, err)
		return a
	}
	a.MatchValues, a.results = values, results
	if link != nil && link.Managed {
		a.Decision = p.decideLinked(compiled, a, in)
		return a
	}
	if len(values) == 0 {
		a.Decision = p.base(a)
		a.Decision.Action, a.Decision.Code = Skip, CodeImportSkipped
		a.Decision.Reason = "no matching attribute has a value"
		return a
	}
	a.NeedsMatch = true
	return a
}

func (p *Program) base(a Assessment) Decision {
	d := Decision{Event: a.Event, Aftermath: KeepLink, matchValues: a.MatchValues, entitlement: a.Entitlement, objectType: a.Object.Type}
	if a.Link != nil {
		d.Target, d.Name, d.MatchKey, d.Active, d.Current = a.Link.Target, a.Link.Name, a.Link.MatchKey, a.Link.Active, a.Link.Exported
	}
	if len(a.MatchValues) > 0 {
		d.Name = a.MatchValues[0].Name()
		d.MatchKey = a.MatchValues[0].Key
	}
	return d
}

func (p *Program) failure(a Assessment, err error) Decision {
	d := p.base(a)
	d.Action, d.Code, d.Reason = Fail, CodeMappingFailed, err.Error()
	switch {
	case errors.Is(err, expression.ErrNoFreeCandidate):
		d.Code = CodeNoUniqueValue
	case errors.Is(err, errMissing):
		d.Code = CodeMandatoryFieldsMissing
	}
	return d
}

// decideLinked handles objects in scope with a managed link (A6, A7).
func (p *Program) decideLinked(compiled *typeProgram, a Assessment, in Inputs) Decision {
	return p.decideExisting(compiled, a, p.base(a), a.Link.Exported, a.Link.Active, false, in)
}

// decideExisting compares an existing account, linked or just matched, with what it should be.
func (p *Program) decideExisting(compiled *typeProgram, a Assessment, d Decision, current map[string]directory.Value, active, matched bool, in Inputs) Decision {
	flowed, err := p.evaluate(compiled, a, updating, in)
	if err != nil {
		return p.failure(a, err)
	}
	if flowed.dropObject {
		d.Action, d.Code, d.Reason = Skip, CodeSkipped, "a mapping drops the object"
		return d
	}
	d.Current, d.Active = current, active
	unchanged := Skip
	if matched {
		unchanged = Link
	}
	d.Action = unchanged
	if !compiled.mapping.Actions.Update { // A5
		d.Code, d.Reason = CodeSkipped, "updates are switched off"
		return d
	}
	d.Changes = updateChanges(flowed, current)
	exported := current
	if matched && exported == nil {
		exported = map[string]directory.Value{} // nil would be a create
	}
	d.References = referenceChanges(compiled, a.Object, exported)
	if len(d.Changes) == 0 { // A4, A7
		d.Code, d.Reason = CodeRedundantExport, "source and target are equal"
		return d
	}
	d.Action = Update
	after := p.activeAfter(d.Changes, active)
	d.Active = after
	if active && !after {
		d.Action, d.Event, d.Reason = Disable, TurnedOff, "the mapping of "+p.traits.ActiveAttribute+" switches the account off"
	}
	return d
}

// activeAfter says whether an account is switched on once the changes are written.
func (p *Program) activeAfter(changes []Change, before bool) bool {
	for _, change := range changes {
		if p.traits.ActiveAttribute != "" && change.Attribute == p.traits.ActiveAttribute {
			return isTrue(change.After())
		}
	}
	return before
}

func isTrue(value directory.Value) bool {
	if b, ok := value.AsBoolean(); ok {
		return b
	}
	text, ok := value.Text()
	return ok && (text == "True" || text == "true" || text == "1")
}

// isFalse reports whether a value says that an account is switched off. One that says nothing does not.
func isFalse(value directory.Value) bool {
	if b, ok := value.AsBoolean(); ok {
		return !b
	}
	text, ok := value.Text()
	return ok && (text == "False" || text == "false" || text == "0")
}

// Unmatched is the decision about an object whose account could not be looked for: it fails and is tried again.
func (p *Program) Unmatched(a Assessment, code string, err error) Decision {
	d := p.base(a)
	d.Action, d.Code, d.Reason, d.Cause = Fail, code, "the account could not be looked for: "+err.Error(), directory.KindOf(err)
	return d
}

// Unread is the decision about an object whose account could not be read before it is written: it fails and is tried again.
func (d Decision) Unread(code string, err error) Decision {
	d.Action, d.Changes, d.Code, d.Reason, d.Cause = Fail, nil, code, "the account could not be read: "+err.Error(), directory.KindOf(err)
	return d
}

// Decide completes an assessment that needed a match (A1 to A5).
func (p *Program) Decide(a Assessment, match Match, in Inputs) Decision {
	compiled := p.types[a.Object.Type]
	d := p.base(a)
	d.matched = &match
	d.Target, d.Current, d.Active = "", nil, false
	switch {
	case match.Found > 1:
		d.Action, d.Code = Fail, CodeDuplicateTargetEntries
		d.Reason = "more than one account in the target has this object's value of " + match.Attribute
		return d
	case match.ClaimedBy != "":
		return d.Claimed(match.ClaimedBy, match.ClaimedIn)
	case match.Found == 1:
		d.Target = match.Target
		return p.decideExisting(compiled, a, d, readable(compiled, match.Attributes), p.isActive(match.Attributes), true, in)
	case !compiled.mapping.Actions.Create: // A2
		d.Action, d.Code, d.Reason = Skip, CodeSkipped, "creating accounts is switched off"
		return d
	}
	flowed, err := p.evaluate(compiled, a, creating, in)
	if err == nil && !flowed.dropObject {
		d.Changes, err = createChanges(flowed)
	}
	if err != nil {
		return p.failure(a, err)
	}
	if flowed.dropObject {
		d.Action, d.Code, d.Reason = Skip, CodeSkipped, "a mapping drops the object"
		return d
	}
	d.Action = Create
	d.Active = p.activeAfter(d.Changes, true)
	d.References = referenceChanges(compiled, a.Object, nil)
	return d
}

// isActive reads whether an account is switched on; one that does not say is.
func (p *Program) isActive(attributes map[string]directory.Value) bool {
	value, ok := attributes[p.traits.ActiveAttribute]
	return !ok || isTrue(value)
}

// readable leaves out what an answer of the target does not tell. References: the target answers with its own anchors,
// while links remember source anchors, so a matched object's references are written once to make sure; one that is only
// for accounts without a value stays, so that the link remembers that there is one. And what is WriteOnly.
func readable(compiled *typeProgram, attributes map[string]directory.Value) map[string]directory.Value {
	current := maps.Clone(attributes)
	for i := range compiled.attributes {
		mapped := &compiled.attributes[i]
		if mapped.listed.Mutability == job.WriteOnly || mapped.reference != "" && mapped.update != whenEmpty {
			delete(current, mapped.Target)
		}
	}
	return current
}

// Claimed is the failure of an object whose account belongs to another source object: of this job or, when in is not empty, of
// that job, which works on the same target.
func (d Decision) Claimed(by directory.Anchor, in string) Decision {
	d.Action, d.Code, d.Changes, d.Target = Fail, CodeDuplicateSourceEntries, nil, ""
	d.Reason = "the account or its matching value belongs to another source object (" + string(by) + ")"
	if in != "" {
		d.Reason = "the account is managed by job " + in + ", which works on the same target, for its source object " + string(by) +
			"; narrow the scope of one of the jobs"
	}
	return d
}
